// Shows how values, ages and durations read on screen.

import { describe, expect, it } from 'vitest'
import {
  countOf,
  decimalsOf,
  formatAge,
  formatAgo,
  formatDuration,
  formatMeasure,
  formatNumber,
  formatValue,
} from './format.ts'

describe('values', () => {
  it('keeps the decimals a profile gives, so that columns do not jitter', () => {
    expect(formatValue(21, { type: 'number', precision: 1 }, 'en')).toBe('21.0')
  })

  it('shows about four digits of a number without a profile', () => {
    expect([0.012345, 1.23456, 123.456, 12_345.6].map((n) => formatNumber(n, undefined, 'en'))).toEqual([
      '0.01235',
      '1.235',
      '123.5',
      '12,346',
    ])
  })

  it('sets negative numbers with a real minus sign', () => {
    expect(formatNumber(-22.1, 1, 'en')).toBe('−22.1')
  })

  it('adds the unit to numbers and to nothing else', () => {
    const metric = { type: 'number', unit: '°C', precision: 1 } as const
    expect(formatMeasure(81.44, metric, 'en')).toBe('81.4 °C')
    expect(formatMeasure(true, { type: 'boolean' })).toBe('on')
    expect(formatMeasure('cooling')).toBe('cooling')
  })

  it('names a text that is empty', () => {
    expect(formatValue('')).toBe('(empty)')
  })
})

describe('ages', () => {
  it('counts in one unit', () => {
    expect([400, 12_000, 240_000, 3 * 3_600_000, 3 * 86_400_000].map(formatAge)).toEqual([
      'now',
      '12 s',
      '4 min',
      '3 h',
      '3 d',
    ])
  })

  it('calls a reading from slightly ahead of our clock new', () => {
    expect(formatAgo(-300)).toBe('just now')
  })
})

it('says how long a command took', () => {
  expect([210, 3_240, 42_000, 65_000, 7_440_000].map(formatDuration)).toEqual([
    '210 ms',
    '3.2 s',
    '42 s',
    '1 min 5 s',
    '2 h 4 min',
  ])
})

it('counts one thing as one', () => {
  expect([countOf(1, 'device'), countOf(52, 'device')]).toEqual(['1 device', '52 devices'])
})

it('gives ticks the decimals their step needs', () => {
  expect([2, 2.5, 0.25, 0.1, 100].map(decimalsOf)).toEqual([0, 1, 2, 1, 0])
})
