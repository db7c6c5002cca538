// What a returning watch missed, as far as memory holds it, and a named gap for the rest.

import type { Device, Gap, Segment, WatchMessage } from '../../protocol/index.ts'
import type { Position } from '../ports.ts'
import type { Recent } from './recent.ts'
import { segmentOf } from './segment.ts'

interface Stream {
  readonly recent: Recent
  readonly epoch: string
  readonly announced: Position
  readonly now: number
}

/** A gap that begins before anything the hub remembers starts at 0; the console knows better what it has. */
export function missed(
  stream: Stream,
  devices: readonly Device[],
  from: WatchMessage['from'],
): { recent: Segment[]; gaps: Gap[] } {
  if (from === undefined) return { recent: [], gaps: [] }
  const { recent, now } = stream
  if (typeof from === 'number') return { recent: held(recent, devices, recent.floor, from), gaps: [] }
  const position = positionIn(stream, from)
  if (position === undefined) return { recent: [], gaps: [{ from: 0, to: now, reason: 'dropped' }] }
  const gaps: Gap[] = position < recent.floor ? [{ from: 0, to: now, reason: 'expired' }] : []
  return { recent: held(recent, devices, position), gaps }
}

function held(recent: Recent, devices: readonly Device[], position: Position, at?: number): Segment[] {
  return devices
    .map(({ id }) => recent.since(id, position))
    .filter((entries) => entries.length > 0)
    .map((entries) =>
      segmentOf(
        entries.map(({ batch }) => batch),
        at,
      ),
    )
    .filter((segment) => segment.at.length > 0)
}

/** Undefined for a cursor of another journal. */
function positionIn({ epoch, announced }: Stream, cursor: string): Position | undefined {
  const [itsEpoch, position] = cursor.split(':')
  return itsEpoch === epoch && Number(position) <= announced ? Number(position) : undefined
}
