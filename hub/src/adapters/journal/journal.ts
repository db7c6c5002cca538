// The journal on disk: append-only segment files with group commit. What it acknowledged survives kill -9 and power cuts.

import type { Clock, Journal, Log, Position } from '../../core/ports.ts'
import { createCommits } from './commits.ts'
import type { Disk } from './disk.ts'
import { codeOf, nodeDisk } from './disk.ts'
import { createQuarantine } from './quarantine.ts'
import { createReader } from './reader.ts'
import { recover } from './recovery.ts'
import { createRoom } from './room.ts'
import type { Segment } from './segment.ts'
import { headerBytes } from './segment.ts'
import { createShelf } from './shelf.ts'
import { openWriter } from './writer.ts'

export interface JournalOptions {
  /** Made when it is not there. One process at a time: see lock.ts. */
  readonly dir: string
  /** Budget for all segments; past it appends are refused with `journal-full`. */
  readonly maxBytes: number
  /** A new segment begins past this, and past an eighth of what there can be, so that a full journal has some to release. */
  readonly segmentBytes?: number
  /** Most that may wait for the disk; past it appends are refused with `overloaded`. */
  readonly maxWaitingBytes?: number
  readonly clock: Clock
  readonly log: Log
  /** For tests: fails where they want it to. */
  readonly disk?: Disk
}

/** Full is when the largest message of a device does not fit any more. */
const leastRoomBytes = 64 * 1024

/**
 * Opens the journal in `dir`, after recovering what a crash left. Rejects when a segment has a format of another version,
 * or the disk does not work. The epoch is a new one when there is no journal yet, and when records were lost at its end.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { dir, maxBytes, clock, log, disk = nodeDisk } = options
  const { segmentBytes = 64 * 1024 * 1024, maxWaitingBytes = 16 * 1024 * 1024 } = options
  const quarantine = createQuarantine({ disk, dir, log })
  const shelf = createShelf(await recover({ disk, dir, clock, log, quarantine }))
  const room = await createRoom({ disk, dir, maxBytes, shelf, clock })
  const size = Math.min(segmentBytes, Math.floor(room.mostBytes / 8))
  const writer = await openWriter({ disk, dir, shelf, segmentBytes: size, clock, log })
  const commits = createCommits({ shelf, writer, room, maxWaitingBytes, log })

  /** Of a full journal that nobody needs any more even the last segment must go, or it would stay full for ever. */
  function lastIsInTheWay(): boolean {
    const used = shelf.segments.at(-1)?.bytes ?? 0
    return used > headerBytes && (used >= size || room.bytes < size)
  }

  function refusal(roomBytes: number): string | undefined {
    if (roomBytes < leastRoomBytes) return `The journal is full: ${room.why}.`
    return commits.trouble
  }

  async function removeBefore(position: Position): Promise<void> {
    const { segments } = shelf
    // A segment is over where the next begins, so the last one always stays; it keeps the position.
    const done = segments.filter((_, i) => (segments[i + 1]?.first ?? Number.POSITIVE_INFINITY) <= position)
    for (const segment of done) await remove(segment)
    if (done.length > 0) await disk.syncDir(dir)
  }

  async function remove(segment: Segment): Promise<void> {
    // First off the shelf: a reader that finds the file gone sees that it was meant to go.
    shelf.drop(segment)
    try {
      await disk.unlink(segment.path)
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error
    }
  }

  return {
    epoch: shelf.epoch,
    get head() {
      return shelf.head
    },
    get tail() {
      return shelf.tail
    },
    append: commits.append,
    read: createReader({ disk, shelf, quarantine }),
    get releasableAt() {
      return shelf.segments[1]?.first ?? (lastIsInTheWay() ? shelf.head : Number.POSITIVE_INFINITY)
    },
    async release(position) {
      await removeBefore(position)
      if (position < shelf.head || !lastIsInTheWay()) return
      await writer.turn()
      await removeBefore(position)
    },
    stats() {
      const { waitingBytes } = commits
      const roomBytes = Math.max(0, room.bytes - waitingBytes)
      const { writtenBytes } = shelf
      const bytes = shelf.bytes + waitingBytes
      return { bytes, budgetBytes: maxBytes, roomBytes, writtenBytes, refusal: refusal(roomBytes) }
    },
    async close() {
      await commits.close()
      await writer.close()
    },
  }
}
