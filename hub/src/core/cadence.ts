// Learns how often a device reports, and says from its age how fresh it is.

import type { PresenceStatus } from '../protocol/index.ts'

/** For a device of which nothing is known yet. */
const unknownEveryMs = 30_000
/** So many missed beats make a device late, and silent. */
const lateBeats = 2.5
const silentBeats = 10
/** Fewer reports than this between two long pauses are a burst. */
const burstReports = 20
/** A fast device is not late because of a hiccup of the network. */
const graceMs = 2_000

/** What is known of a device's rhythm. `run`: reports since its last long pause. */
export interface Rhythm {
  readonly everyMs: number
  readonly run: number
}

/**
 * The new estimate after a pause of `gapMs` between two reports. A long pause after many regular reports is an outage and
 * teaches nothing; after a few it is the rhythm, and those few are a burst.
 */
export function learn(known: Rhythm | undefined, gapMs: number): Rhythm {
  if (known === undefined) return { everyMs: Math.max(gapMs, 1), run: 0 }
  const { everyMs, run } = known
  if (gapMs > everyMs * silentBeats && gapMs > graceMs * 2)
    return { everyMs: run < burstReports ? gapMs : everyMs, run: 0 }
  const isBurst = gapMs < everyMs / silentBeats && run < burstReports
  if (isBurst) return { everyMs, run: run + 1 }
  const next = gapMs < everyMs / silentBeats ? gapMs : everyMs * 0.8 + gapMs * 0.2
  return { everyMs: Math.max(next, 1), run: run + 1 }
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
