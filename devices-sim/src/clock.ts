// Real time for a run: an even count of milliseconds for waiting, and the calendar time that goes with it.

import { clamp } from './signals/bounds.ts'
import type { Elapsed, Wheel } from './wheel.ts'

export interface Clock {
  /** Since the clock was made; never goes back. */
  elapsed(): Elapsed
  /** The calendar time of that moment, epoch ms, whole. */
  at(elapsed: Elapsed): number
}

/** Small differences are the two clocks' own; a bigger one is a computer that slept or was set. */
const trustedDriftMs = 2_000
/** A longer time-out would fire at once: Node keeps it in 31 bits. */
const longestTimerMs = 2 ** 31 - 1

export function createClock({ monotonic = () => performance.now(), wall = Date.now } = {}): Clock {
  const begun = monotonic()
  let startAt = wall()
  const elapsed = () => monotonic() - begun

  return {
    elapsed,
    at(moment) {
      const drift = wall() - (startAt + elapsed())
      if (Math.abs(drift) > trustedDriftMs) startAt += drift
      return Math.round(startAt + moment)
    },
  }
}

/** A calendar for virtual time, which begins at `startAt` (epoch ms). */
export function calendarFrom(startAt: number): Pick<Clock, 'at'> {
  return { at: (elapsed) => Math.round(startAt + elapsed) }
}

/** Turns the wheel as time passes, by one timer that sleeps until something is due. The answer stops it. */
export function turnInRealTime(wheel: Wheel, clock: Clock): () => void {
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  function arm(): void {
    clearTimeout(timer)
    const next = wheel.next()
    if (stopped || next === undefined) return
    timer = setTimeout(turn, clamp(Math.ceil(next - clock.elapsed()), 0, longestTimerMs))
  }

  function turn(): void {
    wheel.turn(clock.elapsed())
    arm()
  }

  wheel.onSooner(arm)
  arm()
  return () => {
    stopped = true
    clearTimeout(timer)
  }
}
