// Shows how missing readings are accounted for.

import { expect, it } from 'vitest'
import { gapLines, missingBetween, missingIn } from './gaps.ts'

it('sums up each reason', () => {
  expect(
    gapLines([
      { from: 0, to: 60_000, reason: 'device-offline' },
      { from: 100_000, to: 130_000, reason: 'hub-down' },
      { from: 200_000, to: 260_000, reason: 'device-offline' },
    ]),
  ).toEqual(['device offline: 2 min in 2 gaps', 'hub down: 30 s'])
})

it('finds holes that the hub has no reason for, up to the end of the range', () => {
  expect(missingIn([0, 10, 100, 110], 200, 20, [])).toEqual([
    { from: 10, to: 100 },
    { from: 110, to: 200 },
  ])
})

it('leaves a hole to the hub when it knows the reason', () => {
  const gap = { from: 20, to: 90, reason: 'hub-down' } as const
  expect(missingIn([0, 10, 100], 110, 20, [gap])).toEqual([gap])
})

it('finds the holes between bands', () => {
  expect(
    missingBetween(
      [
        { from: 0, to: 10 },
        { from: 10, to: 20 },
        { from: 50, to: 60 },
      ],
      60,
      [],
    ),
  ).toEqual([{ from: 20, to: 50 }])
})

it('says so when nothing was recorded', () => {
  expect(gapLines([{ from: 0, to: 60_000 }])).toEqual(['nothing recorded: 1 min'])
})
