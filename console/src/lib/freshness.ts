// Decides how far a value can be trusted as the present one.

import type { Presence } from '@telehub/hub/protocol'

/** `live`: in rhythm · `stale`: older than the device's rhythm allows · `offline`: the device is gone · `never`: no reading yet. */
export type Freshness = 'live' | 'stale' | 'offline' | 'never'

/** Without a learned or announced rhythm. */
const assumedEveryMs = 5_000
/** Consoles get latest values once a second: a device at 10 Hz is not stale for that. */
const leastStaleMs = 3_000

/** `at` is the value's own time, `now` hub time; `everyMs` how often the device says it reports, used until the hub has learned it. */
export function freshnessOf(presence: Presence, at: number | undefined, now: number, everyMs?: number): Freshness {
  if (at === undefined) return 'never'
  if (presence.status === 'offline') return 'offline'
  return now - at > staleAfterMs(presence, everyMs) ? 'stale' : 'live'
}

/** A value older than this has missed its beat; two readings further apart have a gap between them. */
export function staleAfterMs(presence: Presence | undefined, everyMs?: number): number {
  return Math.max(leastStaleMs, 2.5 * (presence?.everyMs ?? everyMs ?? assumedEveryMs))
}
