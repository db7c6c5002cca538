// The clock and the log that an adapter needs, for contract tests and the processes they start.

import type { Clock, Log } from '../../src/core/ports.ts'

export const realClock: Clock = {
  now: Date.now,
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  every(ms, run) {
    const timer = setInterval(run, ms)
    return () => clearInterval(timer)
  },
}

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} }
