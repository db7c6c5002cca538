// What a returning watch missed, as far as memory holds it, and a named gap for the rest.

import type { Device, Gap, Segment, WatchMessage } from '../../protocol/index.ts'
import type { Entry, Position } from '../ports.ts'
import type { Recent } from './recent.ts'
import { segmentOf } from './segment.ts'

interface Stream {
  readonly recent: Recent
  readonly epoch: string
  readonly announced: Position
  readonly now: number
}

/** One answer carries at most this many readings; history has the rest. */
const mostReadings = 50_000

/** A gap that begins before anything the hub remembers starts at 0; the console knows better what it has. */
export function missed(
  stream: Stream,
  devices: readonly Device[],
  from: WatchMessage['from'],
): { recent: Segment[]; gaps: Gap[] } {
  if (from === undefined) return { recent: [], gaps: [] }
  const { recent, now } = stream
  if (typeof from === 'number') {
    const before: Gap[] = from < recent.floorAt ? [{ from, to: recent.floorAt, reason: 'expired' }] : []
    const { segments, gaps } = held(recent, devices, recent.floor, from)
    return { recent: segments, gaps: [...before, ...gaps] }
  }
  const position = positionIn(stream, from)
  if (position === undefined) return { recent: [], gaps: [{ from: 0, to: now, reason: 'dropped' }] }
  const before: Gap[] = position < recent.floor ? [{ from: 0, to: recent.floorAt, reason: 'expired' }] : []
  const { segments, gaps } = held(recent, devices, position)
  return { recent: segments, gaps: [...before, ...gaps] }
}

/** What memory has of these devices after `position`; when that is too much for one answer, the newest of it and a gap. */
function held(
  recent: Recent,
  devices: readonly Device[],
  position: Position,
  at?: number,
): { segments: Segment[]; gaps: Gap[] } {
  const found = devices.map(({ id }) => recent.since(id, position)).filter((entries) => entries.length > 0)
  const { entries, gaps } = newest(found)
  const segments = entries
    .map((some) =>
      segmentOf(
        some.map(({ batch }) => batch),
        at,
      ),
    )
    .filter((segment) => segment.at.length > 0)
  return { segments, gaps }
}

function newest(found: readonly (readonly Entry[])[]): { entries: readonly (readonly Entry[])[]; gaps: Gap[] } {
  const total = found.reduce((sum, entries) => sum + entries.reduce((count, { batch }) => count + batch.count, 0), 0)
  if (total <= mostReadings) return { entries: found, gaps: [] }
  const ordered = found.flat().sort((a, b) => a.end - b.end)
  let count = 0
  let first = ordered.length
  while (first > 0 && count < mostReadings) count += (ordered[--first] as Entry).batch.count
  const from = (ordered[first] as Entry).end
  const gap: Gap = {
    from: earliestOf(ordered.slice(0, first)),
    to: (ordered[first] as Entry).batch.receivedAt,
    reason: 'behind',
  }
  const entries = found.map((some) => some.filter(({ end }) => end >= from)).filter((some) => some.length > 0)
  return { entries, gaps: [gap] }
}

function earliestOf(entries: readonly Entry[]): number {
  return entries.reduce(
    (earliest, { batch }) => batch.at.reduce((least, at) => Math.min(least, at), earliest),
    Number.POSITIVE_INFINITY,
  )
}

/** Undefined for a cursor of another journal. */
function positionIn({ epoch, announced }: Stream, cursor: string): Position | undefined {
  const [itsEpoch, position] = cursor.split(':')
  return itsEpoch === epoch && Number(position) <= announced ? Number(position) : undefined
}
