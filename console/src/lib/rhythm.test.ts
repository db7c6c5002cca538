// Shows which silence counts as a gap.

import { expect, it } from 'vitest'
import { gapAfterMs } from './rhythm.ts'

const every = (ms: number, count: number) => Array.from({ length: count }, (_, i) => i * ms)

it('lets a slow metric of a fast device report in its own rhythm', () => {
  expect(gapAfterMs(every(60_000, 10), 3_000)).toBe(150_000)
})

it('does not go below the limit of the device', () => {
  expect(gapAfterMs(every(100, 10), 3_000)).toBe(3_000)
})

it('is not misled by one long silence', () => {
  expect(gapAfterMs([...every(1_000, 9), 900_000], 3_000)).toBe(3_000)
})

it('goes by the device while there is no rhythm yet', () => {
  expect([gapAfterMs([], 3_000), gapAfterMs([5], 3_000)]).toEqual([3_000, 3_000])
})
