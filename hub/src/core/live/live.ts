// The live stream: readings that are in the journal go out once a tick, encoded once for all consoles that want them.

import { type Device, limits, type Segment, type ToConsole, type WatchMessage } from '../../protocol/index.ts'
import type { Devices } from '../devices.ts'
import { HubError } from '../errors.ts'
import type { Clock, Entry, Position } from '../ports.ts'
import { encodeOnce, type FrameEncoder } from './encode.ts'
import { createLane, type Lane, type Selection } from './lane.ts'
import { createOutbox, type Outlet } from './outbox.ts'
import type { Recent } from './recent.ts'
import { missed } from './resume.ts'
import { segmentOfLatest } from './segment.ts'

/** One console, as the live stream sees it. */
export interface Sink extends Outlet {
  readonly encoder: FrameEncoder
  tell(message: ToConsole): void
  /** Nothing has drained for too long. */
  giveUp(): void
}

interface Session {
  readonly sink: Sink
  readonly outbox: ReturnType<typeof createOutbox>
  readonly watches: Map<string, { lane: Lane<Session>; selection: Selection }>
  /** The lanes of its watches, fastest first. */
  lanes: Lane<Session>[]
}

export type Live = ReturnType<typeof createLive>

const reviewEveryMs = 1_000

export function createLive({
  recent,
  epoch,
  clock,
  devices,
}: {
  recent: Recent
  epoch: string
  clock: Clock
  devices: Pick<Devices, 'get' | 'list' | 'tagsOf' | 'onChange'>
}) {
  const sessions = new Set<Session>()
  const lanes = new Map<number, Lane<Session>>()
  /** The newest entry heard of, and the newest that went out. */
  let announced: Position = 0
  let flushed: Position = 0
  let ticking = false

  const cursor = () => `${epoch}:${flushed}`

  function laneOf(everyMs: number): Lane<Session> {
    const lane = lanes.get(everyMs) ?? createLane<Session>(everyMs)
    lanes.set(everyMs, lane)
    return lane
  }

  function schedule() {
    if (ticking) return
    ticking = true
    clock.after(limits.tickMs, tick)
  }

  /** Every lane whose turn it is sends what it has gathered. Runs only while there is something to send. */
  function tick() {
    ticking = false
    flush()
    const now = clock.monotonic()
    let waiting = false
    for (const lane of lanes.values()) {
      if (lane.everyMs === 0) continue
      if (lane.dueAt <= now) {
        lane.dueAt = now + lane.everyMs
        send(lane)
      } else waiting = true
    }
    if (waiting) schedule()
  }

  /** Sends every reading announced so far to those who want every reading. */
  function flush() {
    flushed = announced
    const all = lanes.get(0)
    if (all) send(all)
  }

  function send(lane: Lane<Session>) {
    const segments = lane.take()
    if (segments.length === 0) return
    const encode = encodeOnce(segments, cursor())
    const picked = new Map<Session, number[]>()
    segments.forEach((segment, i) => {
      const tags = devices.tagsOf(segment.device)
      for (const session of lane.audience.of(segment.device, tags)) {
        if (lane.audience.everyone.has(session) || servedFaster(session, lane, segment.device, tags)) continue
        const places = picked.get(session)
        if (!places) picked.set(session, [i])
        else if (places.at(-1) !== i) places.push(i)
      }
    })
    for (const [session, places] of picked) offer(session, encode.some(session.sink.encoder, places))
    for (const session of lane.audience.everyone) {
      if (session.lanes[0] === lane) offer(session, encode.all(session.sink.encoder))
      else offer(session, encode.some(session.sink.encoder, unserved(session, lane, segments)))
    }
  }

  function unserved(session: Session, lane: Lane<Session>, segments: readonly Segment[]): number[] {
    return [...segments.keys()].filter((i) => {
      const { device } = segments[i] as Segment
      return !servedFaster(session, lane, device, devices.tagsOf(device))
    })
  }

  /** A console that watches a device twice gets its readings once, at the faster rhythm. */
  function servedFaster(session: Session, lane: Lane<Session>, device: string, tags: readonly string[]): boolean {
    for (const other of session.lanes) {
      if (other === lane) return false
      if (other.audience.wants(session, device, tags)) return true
    }
    return false
  }

  function offer(session: Session, frame: Uint8Array | undefined) {
    if (!frame || session.outbox.behind) return
    const now = clock.now()
    if (session.outbox.offer(frame, now)) return
    session.sink.tell({ type: 'behind', skippedFrom: now })
    const stop = clock.every(reviewEveryMs, () => {
      if (!sessions.has(session)) return stop()
      const progress = session.outbox.review(clock.now())
      if (progress.state === 'behind') return
      stop()
      if (progress.state === 'stuck') return session.sink.giveUp()
      flush()
      const { encoder } = session.sink
      const latest = watchedBy(session)
        .map((device) => segmentOfLatest(device.id, Object.entries(device.latest)))
        .filter(({ at }) => at.length > 0)
      session.sink.send(encoder.readings(cursor(), latest.map(encoder.segment)))
      session.sink.tell({ type: 'caughtUp', gaps: [progress.gap] })
    })
  }

  function watchedBy(session: Session): Device[] {
    return devices
      .list()
      .filter((device) => session.lanes.some((lane) => lane.audience.wants(session, device.id, device.tags)))
  }

  function chosen(selection: Selection): Device[] {
    if (selection === '*') return devices.list()
    if ('tag' in selection) return devices.list().filter(({ tags }) => tags.includes(selection.tag))
    return selection.map((id) => devices.get(id)).filter((device) => device !== undefined)
  }

  function subscribe(session: Session) {
    for (const lane of lanes.values()) lane.audience.remove(session)
    for (const { lane, selection } of session.watches.values()) lane.audience.add(session, selection)
    session.lanes = [...new Set([...session.watches.values()].map(({ lane }) => lane))].sort(
      (a, b) => a.everyMs - b.everyMs,
    )
    for (const [everyMs, lane] of lanes) if (lane.audience.empty) lanes.delete(everyMs)
  }

  devices.onChange((device, change) => {
    if (change === 'removed') recent.forget(device.id)
    for (const session of sessions) {
      if (!session.lanes.some((lane) => lane.audience.wants(session, device.id, device.tags))) continue
      session.sink.tell({ type: 'device', device, ...(change === 'removed' && { removed: true }) })
    }
  })

  return {
    /** Up to here everything was sent to those who watch. */
    get cursor() {
      return cursor()
    },

    /** An entry is on disk: remember it, and send it with the next tick. */
    announce(entry: Entry) {
      announced = entry.end
      recent.add(entry)
      if (lanes.size === 0) {
        flushed = announced
        return
      }
      for (const lane of lanes.values()) lane.add(entry.batch)
      schedule()
    },

    /** At start: an entry of before. */
    restore(entry: Entry) {
      announced = entry.end
      flushed = entry.end
      recent.add(entry)
    },

    /** At start, before the first entry: where the journal begins. */
    startAt(position: Position) {
      announced = position
      flushed = position
      recent.startAt(position)
    },

    join(sink: Sink) {
      const session: Session = { sink, outbox: createOutbox(sink), watches: new Map(), lanes: [] }
      sessions.add(session)
      return {
        get behind() {
          return session.outbox.behind
        },
        /**
         * Answers with the devices as they are and what memory has since `from`; live readings follow without hole or
         * repeat. The same id again replaces the watch. HubError `not-found` (a device id unknown), `too-many-watches`.
         */
        watch({ id, devices: selection, mode = 'all', everyMs = 1_000, from }: WatchMessage) {
          if (!session.watches.has(id) && session.watches.size >= limits.watchesPerConsole) {
            throw new HubError('too-many-watches', `A console may have ${limits.watchesPerConsole} watches.`)
          }
          if (Array.isArray(selection)) refuseUnknown(selection)
          flush()
          const selected = chosen(selection)
          session.watches.set(id, { lane: laneOf(mode === 'all' ? 0 : everyMs), selection })
          subscribe(session)
          sink.tell({
            type: 'watching',
            id,
            cursor: cursor(),
            devices: selected,
            ...missed({ recent, epoch, announced, now: clock.now() }, selected, from),
          })
        },
        unwatch(id: string) {
          session.watches.delete(id)
          subscribe(session)
        },
        leave() {
          session.watches.clear()
          subscribe(session)
          sessions.delete(session)
        },
      }
    },
  }

  function refuseUnknown(ids: readonly string[]) {
    if (ids.length > limits.devicesPerWatch) {
      throw new HubError(
        'too-many-watches',
        `A watch may name ${limits.devicesPerWatch} devices; use a tag or "*" for more.`,
      )
    }
    const unknown = ids.filter((id) => !devices.get(id))
    if (unknown.length > 0) throw new HubError('not-found', `There is no device "${unknown.slice(0, 3).join('", "')}".`)
  }
}
