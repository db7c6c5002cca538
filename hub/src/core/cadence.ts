// Learns how often a device reports, and says from its age how fresh it is.

import type { PresenceStatus } from '../protocol/index.ts'

/** For a device of which nothing is known yet. */
const unknownEveryMs = 30_000
/** So many missed beats make a device late, and silent. */
const lateBeats = 2.5
const silentBeats = 10
/** A fast device is not late because of a hiccup of the network. */
const graceMs = 2_000

/** The new estimate after a pause of `gapMs` between two reports. An outage does not teach. */
export function learn(everyMs: number | undefined, gapMs: number): number {
  if (everyMs === undefined) return Math.max(gapMs, 1)
  if (gapMs > everyMs * silentBeats && gapMs > graceMs * 2) return everyMs
  return Math.max(everyMs * 0.8 + gapMs * 0.2, 1)
}

export interface Signs {
  readonly linked: boolean
  /** Its link ended after its last reading. */
  readonly linkLost: boolean
  readonly lastSeenAt: number | undefined
  readonly everyMs: number | undefined
}

/** `offline` needs the absence of a link: a linked device that says nothing is `silent`. */
export function statusOf(
  { linked, linkLost, lastSeenAt, everyMs = unknownEveryMs }: Signs,
  now: number,
): PresenceStatus {
  const absent = linked ? 'silent' : 'offline'
  if (lastSeenAt === undefined || linkLost) return absent
  const age = now - lastSeenAt
  if (age <= Math.max(everyMs * lateBeats, graceMs)) return 'live'
  if (age <= Math.max(everyMs * silentBeats, graceMs * 4)) return 'late'
  return absent
}
