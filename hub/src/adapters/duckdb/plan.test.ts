// Checks which readings are simply appended, and which have to look for what they replace.

import { describe, expect, it } from 'vitest'
import type { Batch } from '../../core/ports.ts'
import type { Value } from '../../protocol/index.ts'
import { createCatalogue } from './catalogue.ts'
import { planWrite } from './plan.ts'

const known = { id: 7, device: 'pump-1', metric: 'temperature', type: 'number', newest: 100 } as const

function batch(at: number[], column: (Value | null)[], metric = 'temperature', device = 'pump-1'): Batch {
  return { device, receivedAt: 0, at, metrics: [metric], columns: [column], count: column.length }
}

describe('a write', () => {
  it('is appended as far as it follows what is stored', () => {
    const { numbers, after } = planWrite([batch([100, 101, 102], [1, 2, 3])], createCatalogue([known]))
    expect(numbers.appended).toEqual({ series: [7, 7], at: [101, 102], value: [2, 3] })
    expect(numbers.replaced).toEqual({ series: [7], at: [100], value: [1] })
    expect(after).toEqual([{ ...known, newest: 102 }])
  })

  it('replaces with the last of several values for a time', () => {
    const { numbers } = planWrite([batch([101, 101], [1, 2]), batch([101], [3])], createCatalogue([known]))
    expect(numbers.appended.value).toEqual([1])
    expect(numbers.replaced).toEqual({ series: [7], at: [101], value: [3] })
  })

  it('lays the readings of a series side by side, whatever order they came in', () => {
    const mixed = [batch([1], [1], 'a'), batch([1], [10], 'b'), batch([2], [2], 'a'), batch([2], [20], 'b')]
    const { numbers, created } = planWrite(mixed, createCatalogue([]))
    expect(numbers.appended).toEqual({ series: [1, 1, 2, 2], at: [1, 2, 1, 2], value: [1, 2, 10, 20] })
    expect(created.map(({ id, metric, type }) => [id, metric, type])).toEqual([
      [1, 'a', 'number'],
      [2, 'b', 'number'],
    ])
  })

  it('gives new series ids after those that are known, and changes nothing that is known', () => {
    const catalogue = createCatalogue([known])
    const { created } = planWrite([batch([1], [true], 'running', 'pump-2')], catalogue)
    expect(created).toMatchObject([{ id: 8, device: 'pump-2', metric: 'running', type: 'boolean' }])
    expect(catalogue.all()).toEqual([known])
  })

  it('knows no series for a metric without a value', () => {
    expect(planWrite([batch([1, 2], [null, null])], createCatalogue([])).created).toEqual([])
  })

  it('keeps minus zero as zero', () => {
    const { numbers } = planWrite([batch([101], [-0])], createCatalogue([known]))
    expect(Object.is(numbers.appended.value[0], 0)).toBe(true)
  })

  it.each([
    ['another type', [101], ['warm']],
    ['an infinite number', [101], [Number.POSITIVE_INFINITY]],
    ['half a millisecond', [101.5], [1]],
  ])('is refused for %s', (_, at, column) => {
    const plan = () => planWrite([batch(at, column)], createCatalogue([known]))
    expect(plan).toThrow(expect.objectContaining({ name: 'StoreError', fault: 'refused' }))
  })
})
