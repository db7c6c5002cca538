import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createPulse } from './pulse.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setup() {
  const seen = { pings: 0, deaths: 0 }
  const pulse = createPulse({ ping: () => seen.pings++, onDead: () => seen.deaths++, onTraffic: () => {} })
  return { seen, pulse }
}

it('gives up a hub that does not answer a ping', () => {
  const { seen, pulse } = setup()
  pulse.welcomed(Date.now())
  vi.advanceTimersByTime(17_000)
  expect(seen.deaths).toBeGreaterThan(0)
  pulse.stop()
})

it('takes any message for an answer', () => {
  const { seen, pulse } = setup()
  pulse.welcomed(Date.now())
  for (let i = 0; i < 12; i++) {
    vi.advanceTimersByTime(5_000)
    pulse.heard()
  }
  expect(seen.deaths).toBe(0)
  pulse.stop()
})

it('says nothing while there is no connection, however long that lasts', () => {
  const { seen, pulse } = setup()
  pulse.welcomed(Date.now())
  pulse.lost()
  vi.advanceTimersByTime(120_000)
  expect(seen).toEqual({ pings: 1, deaths: 0 })
  pulse.stop()
})

it('knows the clock of the hub from half a round trip', () => {
  const { pulse } = setup()
  const asked = Date.now()
  vi.advanceTimersByTime(100)
  pulse.ponged(asked, asked + 5_000)
  expect([pulse.roundTripMs, pulse.offsetMs]).toEqual([100, 4_950])
  pulse.stop()
})
