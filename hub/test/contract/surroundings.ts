// The clock and the log that an adapter needs, for contract tests and the processes they start.

import { systemClock } from '../../src/adapters/system/clock.ts'
import type { Log } from '../../src/core/ports.ts'

export const realClock = systemClock

export const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} }
