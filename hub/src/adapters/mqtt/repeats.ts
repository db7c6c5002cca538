// Keeps one misbehaving peer from filling log and audit: of the same thing, one line a minute.

import type { Clock } from '../../core/ports.ts'

const quietMs = 60_000
/** Past this the kind that was told longest ago is forgotten, so that its next one is told at once. */
const maxRemembered = 1_000

/** Returns undefined while `kind` was told within the last minute; otherwise how many were left untold since. */
export function createRepeats({ clock }: { clock: Pick<Clock, 'monotonic'> }): (kind: string) => number | undefined {
  const told = new Map<string, { at: number; untold: number }>()

  return (kind) => {
    const now = clock.monotonic()
    const known = told.get(kind)
    if (known && now - known.at < quietMs) {
      known.untold++
      return undefined
    }
    told.delete(kind)
    told.set(kind, { at: now, untold: 0 })
    if (told.size > maxRemembered) told.delete(told.keys().next().value as string)
    return known?.untold ?? 0
  }
}
