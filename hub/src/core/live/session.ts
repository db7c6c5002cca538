// One console in the live stream: what it watches, and what becomes of it when it takes too little.

import type { Device, ToConsole } from '../../protocol/index.ts'
import type { Clock } from '../ports.ts'
import type { FrameEncoder } from './encode.ts'
import type { Lane, Selection } from './lane.ts'
import { createOutbox, type Outlet } from './outbox.ts'
import { segmentOfLatest } from './segment.ts'

/** Where the frames of a console go. */
export interface Sink extends Outlet {
  readonly encoder: FrameEncoder
  tell(message: ToConsole): void
  /** A message that many get: `encoded` has it once for each encoder, and is filled by those who need it. */
  tellShared(message: ToConsole, encoded: Map<FrameEncoder, Uint8Array>): void
  /** Nothing has drained for too long. */
  giveUp(): void
}

export interface Stream {
  readonly cursor: string
  /** Everything announced so far goes out. */
  flush(): void
  devices(): Device[]
}

export interface Session {
  readonly sink: Sink
  /** It gets the newest values only. */
  readonly behind: boolean
  readonly watchCount: number
  hasWatch(id: string): boolean
  /** A frame of readings, the oldest of which is from `earliestAt`; left out, and told so, while behind. */
  offer(frame: Uint8Array, earliestAt: () => number): void
  wants(device: string, tags: readonly string[]): boolean
  /** Whether this is its fastest lane. */
  isFirst(lane: Lane<Session>): boolean
  /** A console that watches a device twice gets its readings once, at the faster rhythm. */
  isServedFaster(lane: Lane<Session>, device: string, tags: readonly string[]): boolean
  /** Begins a watch, or changes the one of that id. */
  enter(id: string, lane: Lane<Session>, selection: Selection): void
  leave(id: string): void
  leaveAll(): void
}

const reviewEveryMs = 1_000

export function createSession({ sink, stream, clock }: { sink: Sink; stream: Stream; clock: Clock }): Session {
  const outbox = createOutbox(sink, clock)
  const watches = new Map<string, { lane: Lane<Session>; leave: () => void }>()
  let lanes: Lane<Session>[] = []
  let stopReview = () => {}

  function fallBehind(earliestAt: number) {
    sink.tell({ type: 'behind', skippedFrom: earliestAt })
    stopReview = clock.every(reviewEveryMs, () => {
      const progress = outbox.review()
      if (progress.state === 'behind') return
      stopReview()
      if (progress.state === 'stuck') return sink.giveUp()
      stream.flush()
      const latest = stream
        .devices()
        .filter(({ id, tags }) => session.wants(id, tags))
        .map(({ id, latest }) => segmentOfLatest(id, Object.entries(latest)))
        .filter(({ at }) => at.length > 0)
      sink.send(sink.encoder.readings(stream.cursor, latest.map(sink.encoder.segment)))
      sink.tell({ type: 'caughtUp', gaps: [progress.gap] })
    })
  }

  function sortLanes() {
    lanes = [...new Set([...watches.values()].map(({ lane }) => lane))].sort((a, b) => a.everyMs - b.everyMs)
  }

  const session: Session = {
    sink,
    get behind() {
      return outbox.behind
    },
    get watchCount() {
      return watches.size
    },
    hasWatch: (id) => watches.has(id),

    offer(frame, earliestAt) {
      const wasBehind = outbox.behind
      const at = outbox.full() ? earliestAt() : 0
      if (!outbox.offer(frame, at) && !wasBehind) fallBehind(at)
    },

    wants: (device, tags) => lanes.some((lane) => lane.audience.wants(session, device, tags)),

    isFirst: (lane) => lanes[0] === lane,

    isServedFaster(lane, device, tags) {
      for (const other of lanes) {
        if (other === lane) return false
        if (other.audience.wants(session, device, tags)) return true
      }
      return false
    },

    enter(id, lane, selection) {
      watches.get(id)?.leave()
      watches.set(id, { lane, leave: lane.audience.add(session, selection) })
      sortLanes()
    },

    leave(id) {
      watches.get(id)?.leave()
      watches.delete(id)
      sortLanes()
    },

    leaveAll() {
      for (const { leave } of watches.values()) leave()
      watches.clear()
      sortLanes()
      stopReview()
    },
  }
  return session
}
