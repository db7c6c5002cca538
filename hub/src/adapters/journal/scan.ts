// Walks the records of one segment in chunks, and says exactly where it is damaged and where it goes on.

import type { Position } from '../../core/ports.ts'
import type { Memory } from './bytes.ts'
import { memoryOf } from './bytes.ts'
import type { DiskFile } from './disk.ts'
import { readFully } from './disk.ts'
import type { Frame } from './frame.ts'
import { findFrame, readFrame } from './frame.ts'
import type { Place } from './segment.ts'

const firstChunkBytes = 64 * 1024
const chunkBytes = 1024 * 1024

/** Bytes that are no record, and the readings that are missing for it. */
export interface Damage {
  readonly from: Place
  /** Where the next record is; at the end of the segment its position may be unknown. */
  readonly to: { readonly position: Position | undefined; readonly offset: number }
  /** It looks as a write that was cut off does: the file ends within the record, or in zeros. */
  readonly torn: boolean
}

export interface Chunk {
  /** What the records are in; it starts at `offset` of the file. Good until the next chunk is asked for. */
  readonly memory: Memory
  readonly offset: number
  readonly records: readonly Frame[]
  /** Comes after the records. */
  readonly damage?: Damage
}

/**
 * From the record at `start` up to the byte `end` or the position `until`, whichever comes first. Every record's checksum
 * is right and positions only grow. `until` undefined: not known, as in the last segment after a crash.
 */
export async function* scan(
  file: DiskFile,
  start: Place,
  end: number,
  until: Position | undefined,
): AsyncGenerator<Chunk, void, undefined> {
  const limit = until ?? Number.POSITIVE_INFINITY
  let place = start
  let stop = end
  let memory = memoryOf(Buffer.allocUnsafe(Math.min(firstChunkBytes, Math.max(0, stop - place.offset))))
  const chunk = (records: readonly Frame[], damage?: Damage) => ({ memory, offset: place.offset, records, damage })

  while (place.offset < stop && place.position < limit) {
    const part = memory.buffer.subarray(0, stop - place.offset)
    const filled = await readFully(file, part, place.offset)
    if (filled < part.length) stop = place.offset + filled
    const { records, next, needs } = recordsIn(memory, filled, place, limit)
    if (records.length > 0) yield chunk(records)
    place = next
    if (place.offset >= stop || place.position >= limit) break
    if (needs !== undefined && place.offset + needs <= stop) {
      const room = Math.min(Math.max(needs, chunkBytes), stop - place.offset)
      if (memory.buffer.length < room) memory = memoryOf(Buffer.allocUnsafe(room))
      continue
    }
    const damage = await examine(file, place, stop, until)
    yield chunk([], damage)
    if (damage.to.position === undefined) return
    place = { position: damage.to.position, offset: damage.to.offset }
  }
  if (until === undefined || place.position >= until) return
  yield chunk([], { from: place, to: { position: until, offset: place.offset }, torn: false })
}

/** The records at the start of `memory`, and why they end: `needs` more bytes, or undefined: there is no record next. */
function recordsIn(memory: Memory, filled: number, start: Place, limit: Position) {
  const records: Frame[] = []
  let { position } = start
  let done = 0
  let frame: Frame | number | undefined
  while (position < limit) {
    frame = readFrame(memory, done, filled)
    if (typeof frame !== 'object' || frame.position !== position) break
    records.push(frame)
    position += frame.count
    done = frame.to
  }
  const needs = typeof frame === 'number' ? frame : undefined
  return { records, next: { position, offset: start.offset + done }, needs }
}

/** Looks for the next record after a place where there is none. Holds the rest of the segment in memory: damage is rare. */
async function examine(file: DiskFile, from: Place, end: number, until: Position | undefined): Promise<Damage> {
  const rest = memoryOf(Buffer.allocUnsafe(end - from.offset))
  await readFully(file, rest.buffer, from.offset)
  const found = findFrame(rest, from.position, until ?? Number.POSITIVE_INFINITY)
  const frame = found === undefined ? undefined : readFrame(rest, found, rest.buffer.length)
  if (found !== undefined && typeof frame === 'object') {
    return { from, to: { position: frame.position, offset: from.offset + found }, torn: false }
  }
  const torn = typeof readFrame(rest, 0, rest.buffer.length) === 'number' || rest.buffer.every((byte) => byte === 0)
  return { from, to: { position: until, offset: end }, torn }
}
