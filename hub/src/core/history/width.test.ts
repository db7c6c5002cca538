// The width of buckets: never more than asked for, in units that are kept ready.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bucketWidth, tierOf } from './width.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const ever = Number.NEGATIVE_INFINITY
const all = { raw: ever, minute: ever, hour: ever }

it.each([
  [1_000, 30 * dayMs, 44 * minuteMs, 'minute'],
  [300, 30 * dayMs, 3 * hourMs, 'hour'],
  [300, 365 * dayMs, 30 * hourMs, 'hour'],
  [1_000, hourMs, 3_604, 'buckets'],
  [1, 30 * dayMs, 30 * dayMs, 'hour'],
] as const)('%i points of %i ms are %i ms wide, of the tier %s', (points, lengthMs, bucketMs, tier) => {
  const width = bucketWidth({ from: dayMs, to: dayMs + lengthMs, points }, all)
  expect([width, tierOf(width)]).toEqual([bucketMs, tier])
})

it('is a minute or an hour at least where nothing finer is kept', () => {
  const range = { from: dayMs, to: dayMs + hourMs, points: 1_000 }
  expect(bucketWidth(range, { ...all, raw: 2 * dayMs })).toBe(minuteMs)
  expect(bucketWidth(range, { ...all, raw: 2 * dayMs, minute: 2 * dayMs })).toBe(hourMs)
})

it('gives at most as many buckets as points, and more than a third of them', () => {
  const range = { from: fc.integer({ min: 0, max: 1e12 }), lengthMs: fc.integer({ min: 1e6, max: 1e11 }) }
  fc.assert(
    fc.property(fc.record({ ...range, points: fc.integer({ min: 2, max: 10_000 }) }), ({ from, lengthMs, points }) => {
      const width = bucketWidth({ from, to: from + lengthMs, points }, all)
      const count = Math.floor((from + lengthMs - 1) / width) - Math.floor(from / width) + 1
      expect(count).toBeLessThanOrEqual(points)
      if (lengthMs > points) expect(count).toBeGreaterThan(points / 3 - 1)
    }),
  )
})
