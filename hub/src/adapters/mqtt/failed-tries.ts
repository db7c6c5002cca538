// Slows down who guesses keys: after a few wrong ones, the pair of address and user name has to wait.

import type { Clock } from '../../core/ports.ts'

const freeTries = 5
const firstDelayMs = 1_000
const maxDelayMs = 60_000
/** Past this the pair that failed longest ago is forgotten. */
const maxRemembered = 10_000

/** Doubles the delay with each further failure. Others at the same address, and links that exist, are not touched. */
export function createFailedTries({ clock }: { clock: Pick<Clock, 'monotonic'> }) {
  const failed = new Map<string, { times: number; until: number }>()

  return {
    /** Whether this pair may try now. */
    mayTry(address: string, user: string): boolean {
      return (failed.get(`${address} ${user}`)?.until ?? 0) <= clock.monotonic()
    },
    failed(address: string, user: string) {
      const name = `${address} ${user}`
      const times = (failed.get(name)?.times ?? 0) + 1
      const delayMs = times < freeTries ? 0 : Math.min(firstDelayMs * 2 ** (times - freeTries), maxDelayMs)
      failed.delete(name)
      failed.set(name, { times, until: clock.monotonic() + delayMs })
      if (failed.size > maxRemembered) failed.delete(failed.keys().next().value as string)
    },
    succeeded(address: string, user: string) {
      failed.delete(`${address} ${user}`)
    },
  }
}
