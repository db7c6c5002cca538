// What stands around each record in a segment: its length, a checksum, and the positions it covers.

import { crc32 } from 'node:zlib'
import type { Batch, Position } from '../../core/ports.ts'
import type { Bytes, Memory } from './bytes.ts'
import { reserve } from './bytes.ts'
import { encodeBatch } from './record.ts'

/** length u32 · crc32 u32 of all that follows · first position f64 · count of readings u32 · payload. Little endian. */
export const frameBytes = 20

/** A longer record is refused at append, so a length above this is damage. */
export const maxPayloadBytes = 16 * 1024 * 1024

const at = { length: 0, crc: 4, position: 8, count: 16 } as const

/** A whole record, as places in the bytes it was found in: `from` to `to` is its payload, and after it the next begins. */
export interface Frame {
  readonly position: Position
  readonly count: number
  readonly from: number
  readonly to: number
}

/** Appends the batch in its frame, but for position and checksum, which are known when it is written. */
export function putFrame(out: Bytes, batch: Batch): void {
  const start = out.length
  reserve(out, frameBytes)
  out.length += frameBytes
  encodeBatch(out, batch)
  out.view.setUint32(start + at.length, out.length - start - frameBytes, true)
  out.view.setUint32(start + at.count, batch.count, true)
}

/** Gives the frame from `start` to `end` its position; it is complete after this. */
export function sealFrame(out: Bytes, start: number, end: number, position: Position): void {
  out.view.setFloat64(start + at.position, position, true)
  out.view.setUint32(start + at.crc, crc32(out.buffer.subarray(start + at.position, end)), true)
}

/** The whole frame at `start`; or how many bytes it says it needs when `end` comes earlier; or undefined: not a frame. */
export function readFrame({ buffer, view }: Memory, start: number, end: number): Frame | number | undefined {
  const from = start + frameBytes
  if (from > end) return frameBytes
  const length = view.getUint32(start + at.length, true)
  if (length === 0 || length > maxPayloadBytes) return undefined
  const to = from + length
  if (to > end) return frameBytes + length
  if (crc32(buffer.subarray(start + at.position, to)) !== view.getUint32(start + at.crc, true)) return undefined
  return {
    position: view.getFloat64(start + at.position, true),
    count: view.getUint32(start + at.count, true),
    from,
    to,
  }
}

/** Where the next whole frame with a position of at least `from`, and less than `until`, starts in `memory`. */
export function findFrame(memory: Memory, from: Position, until: Position): number | undefined {
  const end = memory.buffer.length
  for (let start = 0; start + frameBytes <= end; start++) {
    // A fitting position is a far rarer thing than a plausible length: most bytes are passed over by it.
    const position = memory.view.getFloat64(start + at.position, true)
    if (!Number.isInteger(position) || position < from || position >= until) continue
    if (typeof readFrame(memory, start, end) === 'object') return start
  }
  return undefined
}
