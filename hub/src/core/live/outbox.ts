// Keeps a slow console from growing the hub's memory: past a limit it gets the newest values only, and is told so.

import type { Gap } from '../../protocol/index.ts'

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
export function createOutbox(outlet: Outlet) {
  let behindSince: number | undefined
  let lowest = 0
  let lowestAt = 0

  return {
    get behind() {
      return behindSince !== undefined
    },
    /** False when the frame was left out; the first time `now` becomes the start of the gap. */
    offer(frame: Uint8Array, now: number): boolean {
      if (behindSince !== undefined) return false
      const backlog = outlet.backlog()
      if (backlog < behindBytes) {
        outlet.send(frame)
        return true
      }
      behindSince = now
      lowest = backlog
      lowestAt = now
      return false
    },
    /** Asked once a second while behind. */
    review(now: number): Progress {
      const backlog = outlet.backlog()
      if (behindSince !== undefined && backlog < caughtUpBytes) {
        const gap: Gap = { from: behindSince, to: now, reason: 'behind' }
        behindSince = undefined
        return { state: 'caught-up', gap }
      }
      if (backlog < lowest) {
        lowest = backlog
        lowestAt = now
      }
      return now - lowestAt >= stuckMs ? { state: 'stuck' } : { state: 'behind' }
    },
  }
}
