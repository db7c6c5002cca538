// Shows where lines break and what a chart says in words.

import { expect, it } from 'vitest'
import { nearest, plotHistory, plotRing, summaryOf } from './plot.ts'
import { createNumberRing } from './ring.ts'

function ringOf(...readings: [at: number, value: number][]) {
  const ring = createNumberRing(16)
  for (const [at, value] of readings) ring.push(at, value)
  return ring
}

it('breaks the line with null, not NaN, where readings are missing', () => {
  const ring = ringOf([1_000, 1], [2_000, 2], [9_000, 3])
  expect(plotRing(ring, 0, 2_500)).toEqual([
    [1_000, 2_000, 2_001, 9_000],
    [1, 2, null, 3],
  ])
})

it('keeps one reading before the window, so that the line comes in from the edge', () => {
  expect(plotRing(ringOf([1_000, 1], [2_000, 2], [3_000, 3]), 2_500, 5_000)[0]).toEqual([2_000, 3_000])
})

it('draws buckets as mean, min and max in their middle', () => {
  const buckets = {
    tier: 'buckets',
    type: 'number',
    bucketMs: 10,
    at: [0, 10, 50],
    count: [1, 1, 1],
    first: [1, 2, 3],
    last: [1, 2, 3],
  } as const
  const { at, count, first, last } = buckets
  const series = { ...buckets, at: [...at], count: [...count], first: [...first], last: [...last] }
  expect(plotHistory({ ...series, min: [0, 1, 2], max: [2, 3, 4], mean: [1, 2, 3] }, 5)).toEqual([
    [5, 15, 16, 55],
    [1, 2, null, 3],
    [0, 1, null, 2],
    [2, 3, null, 4],
  ])
})

it('leaves out what is not a number in raw history', () => {
  expect(plotHistory({ tier: 'raw', type: 'number', at: [1, 2], value: ['x', 4] }, 5)).toEqual([[2], [4]])
})

it('points at nothing inside a gap', () => {
  const data = plotRing(ringOf([1_000, 1], [9_000, 3]), 0, 2_000)
  expect([nearest(data, 0), nearest(data, 1), nearest(data, null)]).toEqual([
    { at: 1_000, value: 1 },
    undefined,
    undefined,
  ])
})

it('says what the line shows', () => {
  expect(
    summaryOf(
      [
        [1, 2, 3],
        [4, null, 2],
      ],
      String,
    ),
  ).toBe('min 2, max 4, last 2')
  expect(summaryOf([[], []], String)).toBe('no readings in this range')
})
