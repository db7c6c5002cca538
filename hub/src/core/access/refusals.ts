// Remembers, for an hour, which origins were refused and why: the origin doctor's case book.

import type { RefusedOrigin } from '../../protocol/index.ts'
import type { Clock } from '../ports.ts'
import { printable } from './printable.ts'

export type Refusals = ReturnType<typeof createRefusals>
export type Refusal = Pick<RefusedOrigin, 'origin' | 'where' | 'code' | 'fix'>

const keepMs = 3_600_000
/** Different refusals kept; past it the one not seen for longest goes, since a flood of made-up origins must not fill memory. */
const maxKept = 500

export function createRefusals({ clock }: { clock: Pick<Clock, 'now'> }) {
  // Ordered by last time: an entry moves to the end whenever it is seen again.
  const kept = new Map<string, RefusedOrigin>()

  function sweep(): void {
    for (const [key, { lastAt }] of kept) {
      if (lastAt + keepMs > clock.now() && kept.size <= maxKept) return
      kept.delete(key)
    }
  }

  return {
    /** `origin` as the page sent it; it is made printable here. */
    record({ origin, where, code, fix }: Refusal): void {
      const shown = printable(origin)
      const key = JSON.stringify([shown, where, code])
      const count = (kept.get(key)?.count ?? 0) + 1
      kept.delete(key)
      kept.set(key, { origin: shown, where, code, count, lastAt: clock.now(), ...(fix !== undefined && { fix }) })
      sweep()
    },

    /** Of the last hour, newest first. */
    list(): RefusedOrigin[] {
      sweep()
      return [...kept.values()].reverse()
    },
  }
}
