// All the waiting of a fleet: one timer wheel instead of a timer each. Someone else turns it.

/** Milliseconds since the run began. */
export type Elapsed = number

export interface Wheel {
  /** While something runs: when that was due, which on a busy machine is in the past. Else what the clock says. */
  now(): Elapsed
  /** Calls `run` once, as soon as the wheel is turned to `due` or past it. The answer cancels. */
  at(due: Elapsed, run: () => void): () => void
  after(ms: number, run: () => void): () => void
  /** Runs all that is due up to and at `to`, in order, and what that makes due in turn. Never turns back. */
  turn(to: Elapsed): void
  /** When the first entry is due; undefined when nothing waits. */
  next(): Elapsed | undefined
  /** Tells when something was added that is due before what `next` last said. */
  onSooner(listener: () => void): void
}

interface Entry {
  readonly due: Elapsed
  /** Undefined once cancelled: the entry is thrown out when its slot comes round. */
  run: (() => void) | undefined
}

const slotMs = 8
/** A revolution takes 8 s: what is due later stays in its slot for another round. */
const slotCount = 1_024

/** Without a clock, time is how far the wheel was turned: a run then depends on nothing outside. */
export function createWheel({ clock }: { clock?: () => Elapsed } = {}): Wheel {
  const slots: Entry[][] = Array.from({ length: slotCount }, () => [])
  let turned: Elapsed = 0
  let turning = false
  /** The slot that `turned` is in, counted without wrapping. */
  let cursor = 0
  let size = 0
  let promised: Elapsed | undefined
  let sooner = () => {}

  const slotAt = (index: number) => slots[index % slotCount] ?? []
  const now = () => (turning || !clock ? turned : Math.max(turned, clock()))

  function at(wanted: Elapsed, run: () => void): () => void {
    const entry: Entry = { due: Math.max(wanted, turned), run }
    slotAt(Math.floor(entry.due / slotMs)).push(entry)
    size += 1
    if (promised === undefined || entry.due < promised) sooner()
    return () => {
      entry.run = undefined
    }
  }

  /** Takes what is due out of the slot at the cursor, earliest first; equals stay in the order they came. */
  function take(to: Elapsed): Entry[] {
    const slot = slotAt(cursor)
    const due = slot.filter((entry) => entry.due <= to)
    if (due.length === 0) return due
    slots[cursor % slotCount] = slot.filter((entry) => entry.due > to)
    size -= due.length
    return due.sort((one, other) => one.due - other.due)
  }

  function runSlot(to: Elapsed): void {
    // What runs may add to its own slot, so take until nothing is left.
    for (let due = take(to); due.length > 0; due = take(to)) {
      for (const entry of due) {
        turned = Math.max(turned, entry.due)
        entry.run?.()
      }
    }
  }

  return {
    now,
    at,
    after: (ms, run) => at(now() + ms, run),

    turn(to) {
      if (to < turned || turning) return
      turning = true
      try {
        for (; size > 0 && (cursor + 1) * slotMs <= to; cursor++) runSlot((cursor + 1) * slotMs)
        cursor = Math.floor(to / slotMs)
        runSlot(to)
        turned = to
      } finally {
        turning = false
      }
    },

    next() {
      promised = size === 0 ? undefined : Infinity
      for (let index = cursor; size > 0 && index < cursor + slotCount; index++) {
        for (const { due } of slotAt(index)) promised = Math.min(promised ?? Infinity, due)
        // Nothing in the slots further on can be due before this slot ends, and nothing seen so far comes later.
        if (promised !== undefined && promised < (index + 1) * slotMs) break
      }
      return promised
    },

    onSooner(listener) {
      sooner = listener
    },
  }
}
