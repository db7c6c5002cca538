// Shows how long a state is taken to hold.

import type { Value } from '@telehub/hub/protocol'
import { expect, it } from 'vitest'
import { bandsOfHistory, bandsOfRing, summaryOfBands } from './bands.ts'
import { createStateRing } from './ring.ts'

function ringOf(...readings: [at: number, value: Value][]) {
  const ring = createStateRing<Value>(16)
  for (const [at, value] of readings) ring.push(at, value)
  return ring
}

it('joins equal readings into one band, up to now', () => {
  const ring = ringOf([0, true], [10, true], [20, false])
  expect(bandsOfRing(ring, 0, 25, 12)).toEqual([
    { from: 0, to: 20, value: true },
    { from: 20, to: 25, value: false },
  ])
})

it('claims nothing for the time in which nothing was heard', () => {
  expect(bandsOfRing(ringOf([0, 'idle'], [100, 'idle']), 0, 105, 10)).toEqual([
    { from: 0, to: 10, value: 'idle' },
    { from: 100, to: 105, value: 'idle' },
  ])
})

it('keeps the band that reaches into the window', () => {
  expect(bandsOfRing(ringOf([0, true], [50, false]), 40, 60, 100)).toHaveLength(2)
})

it('reads a bucket as the value it ended with', () => {
  const series = {
    tier: 'minute',
    type: 'boolean',
    bucketMs: 60,
    at: [0, 60],
    count: [2, 2],
    first: [true, true],
    last: [true, true],
  } as const
  const { at, count, first, last } = series
  const copy = { ...series, at: [...at], count: [...count], first: [...first], last: [...last] }
  expect(bandsOfHistory(copy, 0, 200, 10)).toEqual([{ from: 0, to: 120, value: true }])
})

it('says how often it changed', () => {
  expect(
    summaryOfBands(
      [
        { from: 0, to: 1, value: true },
        { from: 1, to: 2, value: false },
      ],
      String,
    ),
  ).toBe('1 change, last false')
})
