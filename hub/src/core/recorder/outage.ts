// One outage of the store: how long to wait before each try, one line in the log at its start and one at its end.

import { backoff } from '../../protocol/index.ts'
import { StoreError } from '../errors.ts'
import type { Clock, Log } from '../ports.ts'

const waits = { firstMs: 250, maxMs: 30_000 }
/** A store may ask for any time, also for one in years; it is asked again after this. */
const longestWaitMs = 3_600_000

export function createOutage({
  backend,
  pending,
  clock,
  log,
  random,
}: {
  backend: string
  /** Readings that wait. */
  pending: () => number
  clock: Clock
  log: Log
  random: () => number
}) {
  let fault: StoreError | undefined
  let since = 0
  let tries = 0
  let wait = backoff({ ...waits, random })
  let told: string | undefined

  /** A wrong setting needs a person, so that it is told also when the outage began as another one. */
  function tell(first: boolean, { fault: kind, message: reason, setting }: StoreError) {
    if (kind === 'misconfigured') {
      if (first || told !== (setting ?? reason))
        log.error('store refuses the hub; readings wait in the journal', { backend, reason, setting })
      told = setting ?? reason
    } else if (first) log.warn('store unreachable; readings wait in the journal', { backend, reason })
  }

  return {
    /** The last error of the outage that goes on. */
    get fault() {
      return fault
    },
    /** A try has failed; returns how long to wait for the next one. */
    failed(error: unknown): number {
      const now = error instanceof StoreError ? error : new StoreError('unavailable', String(error), { cause: error })
      if (fault === undefined) since = clock.monotonic()
      tell(fault === undefined, now)
      fault = now
      tries++
      return Math.min(Math.max(wait.next().value, now.retryAfterMs ?? 0), longestWaitMs)
    },
    /** A try has worked. */
    over() {
      if (fault === undefined) return
      const forMs = Math.round(clock.monotonic() - since)
      log.info('store takes readings again', { backend, forMs, tries, readings: pending() })
      fault = undefined
      told = undefined
      tries = 0
      wait = backoff({ ...waits, random })
    },
  }
}
