// Shows when a value stops counting as the present one.

import { expect, it } from 'vitest'
import { freshnessOf } from './freshness.ts'

const live = { status: 'live', linked: true, since: 0, everyMs: 10_000 } as const

it('trusts a value for two and a half beats of its device', () => {
  expect(freshnessOf(live, 0, 25_000)).toBe('live')
  expect(freshnessOf(live, 0, 25_001)).toBe('stale')
})

it('goes by what the device announced until its rhythm is learned', () => {
  expect(freshnessOf({ ...live, everyMs: undefined }, 0, 140_000, 60_000)).toBe('live')
})

it('does not call a fast device stale between two updates of the console', () => {
  expect(freshnessOf({ ...live, everyMs: 100 }, 0, 2_900)).toBe('live')
})

it('tells gone from never heard of', () => {
  expect(freshnessOf({ ...live, status: 'offline' }, 0, 1)).toBe('offline')
  expect(freshnessOf(live, undefined, 1)).toBe('never')
})
