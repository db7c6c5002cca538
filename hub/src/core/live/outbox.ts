// Keeps a slow console from growing the hub's memory: past a limit it gets the newest values only, and is told so.

import type { Gap } from '../../protocol/index.ts'
import type { Clock } from '../ports.ts'

/** Unsent bytes at which a console is behind, and under which it has caught up. */
const behindBytes = 1_048_576
const caughtUpBytes = 65_536
/** A console that takes nothing for this long is gone. */
const stuckMs = 30_000

export interface Outlet {
  send(frame: Uint8Array): void
  /** Bytes handed over but not yet taken by the network. */
  backlog(): number
}

export type Progress = { state: 'behind' } | { state: 'caught-up'; gap: Gap } | { state: 'stuck' }

/** Drops readings while behind, never an answer or a command: those go around the outbox. */
export function createOutbox(outlet: Outlet, clock: Clock) {
  let behindSince: number | undefined
  let lowest = 0
  let lowestAt = 0

  return {
    get behind() {
      return behindSince !== undefined
    },
    /** Whether a frame offered now would be left out. */
    full: (): boolean => behindSince !== undefined || outlet.backlog() >= behindBytes,
    /** False when the frame was left out; the gap then covers `earliestAt`, the time of its oldest reading. */
    offer(frame: Uint8Array, earliestAt: number): boolean {
      if (behindSince !== undefined) {
        behindSince = Math.min(behindSince, earliestAt)
        return false
      }
      const backlog = outlet.backlog()
      if (backlog < behindBytes) {
        outlet.send(frame)
        return true
      }
      behindSince = earliestAt
      lowest = backlog
      lowestAt = clock.monotonic()
      return false
    },
    /** Asked once a second while behind. */
    review(): Progress {
      const backlog = outlet.backlog()
      if (behindSince !== undefined && backlog < caughtUpBytes) {
        const gap: Gap = { from: behindSince, to: clock.now(), reason: 'behind' }
        behindSince = undefined
        return { state: 'caught-up', gap }
      }
      if (backlog < lowest) {
        lowest = backlog
        lowestAt = clock.monotonic()
      }
      return clock.monotonic() - lowestAt >= stuckMs ? { state: 'stuck' } : { state: 'behind' }
    },
  }
}
