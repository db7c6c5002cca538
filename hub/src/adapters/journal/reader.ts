// Reads the journal from any position on, in constant memory, while appends go on.

import type { Entry, Position } from '../../core/ports.ts'
import type { Disk, DiskFile } from './disk.ts'
import { codeOf } from './disk.ts'
import type { Quarantine } from './quarantine.ts'
import { decodeBatch } from './record.ts'
import type { Chunk } from './scan.ts'
import { scan } from './scan.ts'
import type { Segment } from './segment.ts'
import { placeBefore, rememberRecords } from './segment.ts'
import type { Shelf } from './shelf.ts'

/** A segment as it was when the reading began: what is appended later, or was never acknowledged, is past its end. */
interface Span {
  readonly segment: Segment
  readonly bytes: number
  readonly until: Position
}

interface Parts {
  readonly disk: Disk
  readonly shelf: Shelf
  readonly quarantine: Quarantine
}

/** See Journal.read. Damage is put aside and reported; the entry after it shows by its positions what is missing. */
export function createReader(parts: Parts): (from: Position) => AsyncIterable<Entry> {
  return (from) => {
    const { segments, head } = parts.shelf
    const spans = segments.map((segment, i) => {
      return { segment, bytes: segment.bytes, until: segments[i + 1]?.first ?? head }
    })
    return readSpans(
      parts,
      spans.filter(({ until }) => until > from),
      from,
    )
  }
}

async function* readSpans(parts: Parts, spans: readonly Span[], from: Position): AsyncGenerator<Entry> {
  for await (const { memory, records } of chunksOf(parts, spans, from)) {
    const cursor = { ...memory, at: 0 }
    for (const { position, count, from: payload } of records) {
      const end = position + count
      if (end <= from) continue
      cursor.at = payload
      yield { batch: decodeBatch(cursor, count), end }
    }
  }
}

async function* chunksOf(parts: Parts, spans: readonly Span[], from: Position): AsyncGenerator<Chunk> {
  for (const { segment, bytes, until } of spans) {
    const file = await openSegment(parts, segment)
    if (file === undefined) continue
    try {
      for await (const chunk of scan(file, placeBefore(segment, from), bytes, until)) {
        rememberRecords(segment, chunk.offset, chunk.records)
        yield chunk
        if (chunk.damage !== undefined) await parts.quarantine.keep(segment, file, chunk.damage)
      }
    } finally {
      await file.close()
    }
  }
}

/** Undefined when the segment was released meanwhile: nobody needs it any more. */
async function openSegment({ disk, shelf }: Parts, segment: Segment): Promise<DiskFile | undefined> {
  try {
    return await disk.open(segment.path, 'read')
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && !shelf.segments.includes(segment)) return undefined
    throw error
  }
}
