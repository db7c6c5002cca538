// The live stream: readings that are in the journal go out once a tick, encoded once for all consoles that want them.

import { type Device, limits, type Segment, type WatchMessage } from '../../protocol/index.ts'
import type { Devices } from '../devices.ts'
import { HubError } from '../errors.ts'
import type { Clock, Entry, Position } from '../ports.ts'
import { encodeOnce, type FrameEncoder } from './encode.ts'
import { createLane, type Lane, rhythmOf, type Selection } from './lane.ts'
import type { Recent } from './recent.ts'
import { missed } from './resume.ts'
import { createSession, type Session, type Sink } from './session.ts'

export type Live = ReturnType<typeof createLive>

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
  /** By rhythm; 0 carries every reading. */
  const lanes = new Map<number, Lane<Session>>()
  /** The newest entry heard of, and the newest that went out. */
  let announced: Position = 0
  let flushed: Position = 0
  let ticking = false

  const stream = {
    get cursor() {
      return `${epoch}:${flushed}`
    },
    flush,
    devices: devices.list,
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
    for (const lane of lanes.values()) {
      if (!lane.pending) continue
      if (lane.dueAt > now) {
        schedule()
        continue
      }
      lane.dueAt = now + lane.everyMs
      send(lane)
    }
  }

  /** Sends every reading announced so far to those who want every reading. */
  function flush() {
    flushed = announced
    const all = lanes.get(0)
    if (all?.pending) send(all)
  }

  function send(lane: Lane<Session>) {
    const segments = lane.take()
    const encode = encodeOnce(segments, stream.cursor)
    const earliestAt = () => Math.min(...segments.map(({ at }) => at.reduce((least, next) => Math.min(least, next))))
    for (const [session, places] of picked(lane, segments)) {
      session.offer(encode.some(session.sink.encoder, places), earliestAt)
    }
    for (const session of lane.audience.everyone()) {
      if (session.isFirst(lane)) {
        session.offer(encode.all(session.sink.encoder), earliestAt)
        continue
      }
      const places = unserved(session, lane, segments)
      if (places.length > 0) session.offer(encode.some(session.sink.encoder, places), earliestAt)
    }
  }

  /** Which of the segments go to whom, for those who do not want every device. */
  function picked(lane: Lane<Session>, segments: readonly Segment[]): Map<Session, number[]> {
    const picked = new Map<Session, number[]>()
    segments.forEach(({ device }, i) => {
      const tags = devices.tagsOf(device)
      for (const session of lane.audience.of(device, tags)) {
        if (session.isServedFaster(lane, device, tags)) continue
        const places = picked.get(session)
        if (!places) picked.set(session, [i])
        else if (places.at(-1) !== i) places.push(i)
      }
    })
    return picked
  }

  function unserved(session: Session, lane: Lane<Session>, segments: readonly Segment[]): number[] {
    return [...segments.keys()].filter((i) => {
      const { device } = segments[i] as Segment
      return !session.isServedFaster(lane, device, devices.tagsOf(device))
    })
  }

  function laneOf({ mode = 'all', everyMs = 1_000 }: WatchMessage): Lane<Session> {
    const rhythm = mode === 'all' ? 0 : rhythmOf(everyMs)
    const lane = lanes.get(rhythm) ?? createLane<Session>(rhythm)
    lanes.set(rhythm, lane)
    return lane
  }

  function forgetEmptyLanes() {
    for (const [rhythm, lane] of lanes) if (lane.audience.empty) lanes.delete(rhythm)
  }

  /** HubError when it names too many devices, or only some that do not exist. */
  function chosen(selection: Selection): Device[] {
    if (selection === '*') return devices.list()
    if ('tag' in selection) return devices.list().filter(({ tags }) => tags.includes(selection.tag))
    if (selection.length > limits.devicesPerWatch) {
      throw new HubError(
        'too-many-watches',
        `A watch may name ${limits.devicesPerWatch} devices; use a tag or "*" for more.`,
      )
    }
    const known = selection.map((id) => devices.get(id)).filter((device) => device !== undefined)
    if (known.length > 0 || selection.length === 0) return known
    throw new HubError('not-found', `There is no device "${selection.slice(0, 3).join('", "')}".`)
  }

  devices.onChange((device, change, tagsBefore) => {
    if (change === 'removed') recent.forget(device.id)
    const message = { type: 'device' as const, device, ...(change === 'removed' && { removed: true }) }
    const encoded = new Map<FrameEncoder, Uint8Array>()
    for (const session of sessions) {
      if (session.wants(device.id, device.tags) || session.wants(device.id, tagsBefore))
        session.sink.tellShared(message, encoded)
    }
  })

  return {
    /** Up to here everything was sent to those who watch. */
    get cursor() {
      return stream.cursor
    },

    /** An entry is on disk: remember it, and send it with the next tick. */
    announce(entry: Entry) {
      announced = entry.end
      recent.add(entry)
      const { device } = entry.batch
      const tags = devices.tagsOf(device)
      let wanted = false
      for (const lane of lanes.values()) {
        if (!lane.audience.hears(device, tags)) continue
        lane.add(entry.batch)
        wanted = true
      }
      if (wanted) schedule()
      else if (!ticking) flushed = announced
    },

    /** At start: an entry of before. */
    restore(entry: Entry) {
      announced = entry.end
      flushed = entry.end
      recent.add(entry)
    },

    /** At start, before the first entry: where what memory will hold begins. */
    startAt(position: Position) {
      announced = position
      flushed = position
      recent.startAt(position, clock.now())
    },

    join(sink: Sink) {
      const session = createSession({ sink, stream, clock })
      sessions.add(session)
      return {
        get behind() {
          return session.behind
        },
        /**
         * Answers with the devices as they are and what memory has since `from`; live readings follow without hole or
         * repeat. The same id again replaces the watch. Of devices named, those that do not exist yet are told when they
         * do. HubError `not-found` (none of them exists), `too-many-watches`.
         */
        watch(message: WatchMessage) {
          const { id, devices: selection, from } = message
          if (!session.hasWatch(id) && session.watchCount >= limits.watchesPerConsole) {
            throw new HubError('too-many-watches', `A console may have ${limits.watchesPerConsole} watches.`)
          }
          const selected = chosen(selection)
          flush()
          session.enter(id, laneOf(message), selection)
          forgetEmptyLanes()
          const { cursor } = stream
          const answer = missed({ recent, epoch, announced, now: clock.now() }, selected, from)
          sink.tell({ type: 'watching', id, cursor, devices: selected, ...answer })
        },
        unwatch(id: string) {
          session.leave(id)
          forgetEmptyLanes()
        },
        leave() {
          session.leaveAll()
          sessions.delete(session)
          forgetEmptyLanes()
        },
      }
    },
  }
}
