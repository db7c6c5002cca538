// The pieces of a range: each moment in exactly one of them, from the coarsest table that may answer for it.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { piecesOf } from './pieces.ts'

const minute = 60_000
const hour = 60 * minute
const ever = Number.NEGATIVE_INFINITY
const tiers = { filedTo: 10 * hour + 20 * minute, rawFrom: ever, minuteFrom: ever }

it('takes hours inside, minutes around them, single readings at the edges and where nothing is filed', () => {
  expect(piecesOf({ from: 90 * minute + 1, to: 20 * hour + 7 }, hour, tiers)).toEqual([
    { table: 'filed', from: 90 * minute + 1, to: 91 * minute },
    { table: 'minute', from: 91 * minute, to: 2 * hour },
    { table: 'hour', from: 2 * hour, to: 10 * hour },
    { table: 'minute', from: 10 * hour, to: 10 * hour + 20 * minute },
    { table: 'recent', from: 10 * hour + 20 * minute, to: 20 * hour + 7 },
  ])
})

it('takes single readings for buckets that cut through minutes', () => {
  expect(piecesOf({ from: hour, to: 2 * hour }, 1_000, tiers)).toEqual([{ table: 'filed', from: hour, to: 2 * hour }])
})

it('takes whole minutes and hours where nothing finer is left', () => {
  const kept = { ...tiers, rawFrom: 6 * hour, minuteFrom: 3 * hour }
  expect(piecesOf({ from: 90 * minute, to: 7 * hour }, 1_000, kept)).toEqual([
    { table: 'hour', from: hour, to: 3 * hour },
    { table: 'minute', from: 3 * hour, to: 6 * hour },
    { table: 'filed', from: 6 * hour, to: 7 * hour },
  ])
})

it('covers every moment once', () => {
  const time = fc.integer({ min: 0, max: 20 * hour })
  const grain = fc.constantFrom(1, 1_000, minute, 7 * minute, hour, 5 * hour)
  fc.assert(
    fc.property(time, time, fc.integer({ min: 0, max: 1_200 }), grain, (a, b, filedMinutes, grainMs) => {
      const range = { from: Math.min(a, b), to: Math.max(a, b) }
      const pieces = piecesOf(range, grainMs, { ...tiers, filedTo: filedMinutes * minute })
      const ends = pieces.map(({ to }) => to)
      expect(pieces.map(({ from }) => from)).toEqual(range.from < range.to ? [range.from, ...ends.slice(0, -1)] : [])
      if (range.from < range.to) expect(ends.at(-1)).toBe(range.to)
    }),
  )
})
