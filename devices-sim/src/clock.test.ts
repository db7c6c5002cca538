// Real time: even for waiting, true to the calendar.

import { afterEach, describe, expect, it, vi } from 'vitest'
import { createClock, turnInRealTime } from './clock.ts'
import { createWheel } from './wheel.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('the clock of a run', () => {
  it('gives the calendar time of a moment', () => {
    let passed = 0
    const clock = createClock({ monotonic: () => passed, wall: () => 1_000_000 + passed })
    passed = 2_500.4

    expect(clock.elapsed()).toBe(2_500.4)
    expect(clock.at(2_000)).toBe(1_002_000)
  })

  it('follows a calendar that jumped, as after the computer slept, but waits on evenly', () => {
    let passed = 0
    let jump = 0
    const clock = createClock({ monotonic: () => passed, wall: () => 1_000_000 + passed + jump })
    passed = 1_000
    jump = 3_600_000

    expect(clock.at(1_000)).toBe(4_601_000)
    expect(clock.elapsed()).toBe(1_000)
  })

  it('turns a wheel when something is due, also when that came in later', async () => {
    vi.useFakeTimers()
    const clock = createClock({ monotonic: () => performance.now(), wall: Date.now })
    const wheel = createWheel({ clock: clock.elapsed })
    const ran: string[] = []
    wheel.at(60_000, () => ran.push('late'))
    const stop = turnInRealTime(wheel, clock)
    wheel.at(100, () => ran.push('soon'))

    await vi.advanceTimersByTimeAsync(101)
    expect(ran).toEqual(['soon'])
    await vi.advanceTimersByTimeAsync(60_000)

    expect(ran).toEqual(['soon', 'late'])
    stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
