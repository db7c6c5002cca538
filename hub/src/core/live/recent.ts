// What memory holds of the stream: the last minutes of every device, so that a watch can resume without the store.

import type { Entry, Position } from '../ports.ts'

/** Bounded by age and by the number of readings; the oldest goes first, whatever device it is of. */
export function createRecent({ maxAgeMs, maxReadings = 250_000 }: { maxAgeMs: number; maxReadings?: number }) {
  const byDevice = new Map<string, Entry[]>()
  /** All entries in the order they came; `oldest` is where it begins. */
  let order: Entry[] = []
  let oldest = 0
  let held = 0
  /** Everything after it is still here. */
  let floor: Position = 0
  let floorAt = 0
  /** The end of the newest entry. */
  let head: Position = 0

  function forgetOldest() {
    const entry = order[oldest++] as Entry
    held -= entry.batch.count
    floor = entry.end
    floorAt = entry.batch.receivedAt
    const entries = byDevice.get(entry.batch.device)
    // A device that was removed and came back has only its newer entries here.
    if (entries?.[0] === entry) entries.shift()
    if (entries?.length === 0) byDevice.delete(entry.batch.device)
    if (oldest > 1_024 && oldest * 2 > order.length) {
      order = order.slice(oldest)
      oldest = 0
    }
  }

  return {
    /** The position from which on memory is complete. */
    get floor() {
      return floor
    },
    /** Hub time up to which something may be missing. */
    get floorAt() {
      return floorAt
    },
    /** Where the stream begins for this hub, when it starts with nothing in memory. */
    startAt(position: Position, now: number) {
      floor = position
      head = position
      floorAt = now
    },
    add(entry: Entry) {
      const { device, count, receivedAt } = entry.batch
      // A journal that lost some of its entries leaves a hole; memory is complete behind it.
      if (entry.end - count > head) {
        floor = entry.end - count
        floorAt = receivedAt
      }
      head = entry.end
      const entries = byDevice.get(device)
      if (entries) entries.push(entry)
      else byDevice.set(device, [entry])
      order.push(entry)
      held += count
      while (held > maxReadings || (order[oldest]?.batch.receivedAt ?? receivedAt) < receivedAt - maxAgeMs)
        forgetOldest()
    },
    /** Entries of a device that end after `position`, oldest first. */
    since(device: string, position: Position): readonly Entry[] {
      const entries = byDevice.get(device) ?? []
      const first = entries.findIndex(({ end }) => end > position)
      return first < 0 ? [] : entries.slice(first)
    },
    /** Its entries stay counted until their time comes, but are no longer found. */
    forget(device: string) {
      byDevice.delete(device)
    },
  }
}
export type Recent = ReturnType<typeof createRecent>
