// The real clock with a wall time that can be set, which counts how often its timers run.

import { systemClock } from '../../src/adapters/system/clock.ts'
import type { Clock } from '../../src/core/ports.ts'

export interface SteppingClock extends Clock {
  /** As an administrator or NTP would; time goes on from there. */
  step(ms: number): void
  /** Timers that have run so far. */
  readonly runs: number
}

export function createSteppingClock(): SteppingClock {
  let offset = 0
  let runs = 0
  const counted = (run: () => void) => () => {
    runs++
    run()
  }
  return {
    now: () => Date.now() + offset,
    monotonic: systemClock.monotonic,
    after: (ms, run) => systemClock.after(ms, counted(run)),
    every: (ms, run) => systemClock.every(ms, counted(run)),
    step(ms) {
      offset += ms
    },
    get runs() {
      return runs
    },
  }
}
