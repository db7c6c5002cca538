// Finds out, at the start, what the journal holds: cuts what a crash left half-written, reports what is damaged.

import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import type { Clock, Log, Position } from '../../core/ports.ts'
import type { Disk, DiskFile } from './disk.ts'
import { readFully } from './disk.ts'
import type { Quarantine } from './quarantine.ts'
import { scan } from './scan.ts'
import type { Segment } from './segment.ts'
import { createSegment, decodeHeader, describeSegment, headerBytes, positionOf, rememberRecords } from './segment.ts'

export interface Recovered {
  readonly epoch: string
  readonly head: Position
  /** Oldest first. Never empty; the last one is whole and good to append to. */
  readonly segments: readonly Segment[]
}

interface Parts {
  readonly disk: Disk
  readonly dir: string
  readonly clock: Clock
  readonly log: Log
  readonly quarantine: Quarantine
}

/** `epoch` undefined: the header is damaged. */
type Examined = { segment: Segment; epoch: string | undefined }

/** Rejects when a segment is of an unknown format, or the disk does not work. Older segments are checked when read. */
export async function recover(parts: Parts): Promise<Recovered> {
  await parts.disk.makeDir(parts.dir)
  const files = await examineFiles(parts)
  const segments = files.map(({ segment }) => segment)
  const last = files.at(-1)
  if (last === undefined) return begin(parts, [], 0)

  const { head, lost } = await recoverLast(parts, last.segment)
  if (!lost && last.epoch !== undefined) return { epoch: last.epoch, head, segments }
  // What is lost from the end may have been acknowledged, so positions from here on would mean something else than
  // before to whoever remembers one: that is another journal.
  if (head > last.segment.first) return begin(parts, segments, head)
  await parts.quarantine.move(last.segment)
  return begin(parts, segments.slice(0, -1), head)
}

/** Starts an epoch of its own after `older`. */
async function begin({ disk, dir, clock, log }: Parts, older: readonly Segment[], head: Position): Promise<Recovered> {
  const epoch = newEpoch()
  const { segment, file } = await createSegment(disk, dir, { epoch, first: head, createdAt: clock.now() })
  await file.close()
  log.info('journal begins', { epoch, head })
  return { epoch, head, segments: [...older, segment] }
}

function newEpoch(): string {
  return Array.from({ length: 12 }, () => randomInt(36).toString(36)).join('')
}

async function examineFiles({ disk, dir, log }: Parts): Promise<Examined[]> {
  const examined: Examined[] = []
  for (const name of (await disk.list(dir)).sort()) {
    const first = positionOf(name)
    if (first === undefined) continue
    const path = join(dir, name)
    const { size, header } = await readHeader(disk, path)
    if (header === undefined && size <= headerBytes) {
      log.warn('journal segment removed: it was cut off while it was made', { segment: path })
      await disk.unlink(path)
      continue
    }
    if (header === undefined) log.error('journal damaged: a segment has no readable header', { segment: path })
    else if (header.first !== first) throw new Error(`${path} was renamed: it begins at position ${header.first}`)
    examined.push({ segment: describeSegment(dir, first, size), epoch: header?.epoch })
  }
  return examined
}

async function readHeader(disk: Disk, path: string) {
  const file = await disk.open(path, 'read')
  try {
    const bytes = Buffer.alloc(headerBytes)
    const filled = await readFully(file, bytes, 0)
    return { size: await file.size(), header: decodeHeader(bytes.subarray(0, filled), path) }
  } finally {
    await file.close()
  }
}

async function recoverLast(parts: Parts, segment: Segment): Promise<{ head: Position; lost: boolean }> {
  const file = await parts.disk.open(segment.path, 'write')
  try {
    const { head, good, lost } = await findEnd(parts, segment, file)
    // What is lost stays in place: the segment that begins at `head` ends this one.
    if (good < segment.bytes && !lost) await file.truncate(good)
    segment.bytes = good
    // A killed hub may have left records that are in memory only; from here on they count as being on disk.
    await file.datasync()
    return { head, lost }
  } finally {
    await file.close()
  }
}

async function findEnd({ log, quarantine }: Parts, segment: Segment, file: DiskFile) {
  let head = segment.first
  let good = headerBytes
  let lost = false
  const start = { position: head, offset: good }
  for await (const { offset, records, damage } of scan(file, start, segment.bytes, undefined)) {
    rememberRecords(segment, offset, records)
    const last = records.at(-1)
    if (last !== undefined) {
      head = last.position + last.count
      good = offset + last.to
    }
    if (damage === undefined) continue
    if (damage.torn) {
      log.warn('journal tail cut: its last write was cut off', { segment: segment.path, offset: good })
      continue
    }
    await quarantine.keep(segment, file, damage)
    lost = damage.to.position === undefined
  }
  return { head, good, lost }
}
