// What is to be written next: from memory where it goes on there, else from the journal, holes counted.

import type { Batch, Entry, Journal, Log, Position } from '../ports.ts'

/** A write is at most about this many readings: each commit of a store has a price of its own. */
const writeSize = 20_000
/** Beyond this, entries are left in the journal and read back when their turn comes. */
const waitingSize = 200_000
/** A text takes the room of a reading for each so many characters. */
const charactersPerReading = 64

export function createFeed({
  journal,
  lost,
  log,
}: {
  journal: Pick<Journal, 'head' | 'read'>
  /** Hears of readings that are gone. */
  lost: (from: Position, to: Position) => Promise<unknown>
  log: Log
}) {
  /** The newest entries, without a hole between them; what comes before them is only in the journal. */
  const waiting: Entry[] = []
  let size = 0

  function remove(length: number): Entry[] {
    const removed = waiting.splice(0, length)
    for (const { batch } of removed) size -= sizeOf(batch)
    return removed
  }

  function take(): Entry[] {
    let taken = 0
    let length = 0
    while (length < waiting.length && taken < writeSize) taken += sizeOf((waiting[length++] as Entry).batch)
    return remove(length)
  }

  async function readBack(position: Position): Promise<{ entries: Entry[]; end: Position }> {
    const { head } = journal
    const entries: Entry[] = []
    let taken = 0
    let end = position
    if (position < head) {
      for await (const entry of journal.read(position)) {
        if (entry.end <= position) continue
        await passOver(end, entry.end - entry.batch.count)
        end = entry.end
        entries.push(entry)
        taken += sizeOf(entry.batch)
        if (taken >= writeSize) return { entries, end }
      }
    }
    if (entries.length > 0) return { entries, end }
    await passOver(position, head)
    return { entries, end: head }
  }

  async function passOver(from: Position, to: Position) {
    if (to <= from) return
    log.error('readings lost to a damaged journal', { from, to, readings: to - from })
    await lost(from, to)
  }

  const feed = {
    /** An entry is in the journal. */
    add(entry: Entry) {
      if (size > waitingSize) remove(waiting.length)
      waiting.push(entry)
      size += sizeOf(entry.batch)
    },

    /** Whether memory goes on at `position`. */
    holds(position: Position): boolean {
      const place = waiting.findIndex(({ end }) => end > position)
      remove(place < 0 ? waiting.length : place)
      const first = waiting[0]
      return first !== undefined && first.end - first.batch.count <= position
    },

    get oldest(): Entry | undefined {
      return waiting[0]
    },

    /** There is enough for a write. */
    get full() {
      return size >= writeSize
    },

    /** One write's worth from `position` on; without entries everything up to `end` is lost, or there is nothing. */
    async next(position: Position): Promise<{ entries: Entry[]; end: Position }> {
      if (!feed.holds(position)) return readBack(position)
      const entries = take()
      return { entries, end: entries.at(-1)?.end ?? position }
    },
  }
  return feed
}

/** In readings; a message of long texts takes the room of many. */
function sizeOf({ columns, count }: Batch): number {
  let size = count
  for (const column of columns) {
    if (typeof column.find((value) => value !== null) !== 'string') continue
    for (const value of column) if (typeof value === 'string') size += Math.floor(value.length / charactersPerReading)
  }
  return size
}
