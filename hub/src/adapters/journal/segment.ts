// One file of the journal: its name, its header, and a sparse index of what is where in it.

import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import type { Position } from '../../core/ports.ts'
import type { Disk, DiskFile } from './disk.ts'
import { codeOf, writeFully } from './disk.ts'

/**
 * magic 8 · format version u32 · zero u32 · first position f64 · created at f64 · epoch 24, zero-padded · zero u32 · crc32
 * u32 of all before. Little endian. This layout stays; the version is that of the records after it.
 */
export const headerBytes = 64

const magic = Buffer.from('TELEHUBJ')
const version = 1
const epochBytes = 24
const at = { version: 8, first: 16, createdAt: 24, epoch: 32, crc: 60 } as const

/** At least this many bytes lie between two places of the index. */
const indexStepBytes = 64 * 1024

export interface SegmentHeader {
  readonly epoch: string
  readonly first: Position
  readonly createdAt: number
}

/** A record starts at `offset`, and `position` readings were accepted before it. */
export interface Place {
  readonly position: Position
  readonly offset: number
}

/** A segment ends where the next one begins: whatever it holds from that position on was never acknowledged. */
export interface Segment {
  readonly path: string
  readonly name: string
  readonly first: Position
  /** How far it is good, header included. */
  bytes: number
  /** Some places in it, ascending: one for 64 KiB at most, filled by whoever writes or reads. */
  readonly index: Place[]
}

/** Sorts as text like the positions do as numbers. */
function segmentName(first: Position): string {
  return `${String(first).padStart(16, '0')}.segment`
}

/** The position in a file's name, or undefined when it is not the name of a segment. */
export function positionOf(name: string): Position | undefined {
  const digits = /^(\d{16})\.segment$/.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

export function describeSegment(dir: string, first: Position, bytes: number): Segment {
  const name = segmentName(first)
  return { path: join(dir, name), name, first, bytes, index: [{ position: first, offset: headerBytes }] }
}

/** An empty segment that is durable with its name. A failed attempt at the same one is replaced by a new file (R11). */
export async function createSegment(
  disk: Disk,
  dir: string,
  header: SegmentHeader,
): Promise<{ segment: Segment; file: DiskFile }> {
  const segment = describeSegment(dir, header.first, headerBytes)
  await removeLeftover(disk, segment.path)
  const file = await disk.open(segment.path, 'create')
  try {
    await writeFully(file, encodeHeader(header), 0)
    await file.datasync()
    await disk.syncDir(dir)
    return { segment, file }
  } catch (error) {
    await file.close()
    throw error
  }
}

async function removeLeftover(disk: Disk, path: string): Promise<void> {
  try {
    await disk.unlink(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
}

/** The place to start from when looking for `position`. */
export function placeBefore(segment: Segment, position: Position): Place {
  const { index } = segment
  let low = 0
  let high = index.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((index[middle]?.position ?? 0) <= position) low = middle
    else high = middle - 1
  }
  return index[low] ?? { position: segment.first, offset: headerBytes }
}

/** Remembers a place, if it is well past those already known. */
export function rememberPlace(segment: Segment, position: Position, offset: number): void {
  const last = segment.index.at(-1)
  if (last === undefined || offset - last.offset >= indexStepBytes) segment.index.push({ position, offset })
}

/** The same for the records of a chunk that starts at `offset`. */
export function rememberRecords(
  segment: Segment,
  offset: number,
  records: readonly { position: Position; to: number }[],
): void {
  let start = offset
  for (const { position, to } of records) {
    rememberPlace(segment, position, start)
    start = offset + to
  }
}

function encodeHeader({ epoch, first, createdAt }: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(headerBytes)
  magic.copy(bytes)
  bytes.writeUInt32LE(version, at.version)
  bytes.writeDoubleLE(first, at.first)
  bytes.writeDoubleLE(createdAt, at.createdAt)
  bytes.write(epoch, at.epoch, epochBytes, 'latin1')
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at.crc)), at.crc)
  return bytes
}

/** The header in `bytes`, or undefined when it is torn or damaged. Throws when it is whole but of another version. */
export function decodeHeader(bytes: Buffer, path: string): SegmentHeader | undefined {
  if (bytes.length < headerBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined
  if (crc32(bytes.subarray(0, at.crc)) !== bytes.readUInt32LE(at.crc)) return undefined
  const found = bytes.readUInt32LE(at.version)
  if (found !== version) {
    throw new Error(
      `${path} has journal format ${found}, this hub reads format ${version}. Start the version of Telehub that wrote it.`,
    )
  }
  return {
    epoch: bytes.toString('latin1', at.epoch, at.epoch + epochBytes).replace(/\0+$/, ''),
    first: bytes.readDoubleLE(at.first),
    createdAt: bytes.readDoubleLE(at.createdAt),
  }
}
