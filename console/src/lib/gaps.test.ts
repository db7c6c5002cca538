// Shows how missing readings are accounted for.

import { expect, it } from 'vitest'
import { gapLines } from './gaps.ts'

it('sums up each reason', () => {
  expect(
    gapLines([
      { from: 0, to: 60_000, reason: 'device-offline' },
      { from: 100_000, to: 130_000, reason: 'hub-down' },
      { from: 200_000, to: 260_000, reason: 'device-offline' },
    ]),
  ).toEqual(['device offline: 2 min in 2 gaps', 'hub down: 30 s'])
})
