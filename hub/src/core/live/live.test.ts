import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../../test/fake-clock.ts'
import { batchOf, createMemoryRecords, createMemoryStore, silentLog } from '../../../test/memory-parts.ts'
import type { Segment, ToConsole, WatchMessage } from '../../protocol/index.ts'
import { createDevices } from '../devices.ts'
import type { FrameEncoder } from './encode.ts'
import { createLive } from './live.ts'
import { createRecent } from './recent.ts'

type Frame = Extract<ToConsole, { type: 'readings' }>

/** Counts how often it was asked, and makes frames that can be read back. */
function createCountingEncoder() {
  const counts = { segments: 0, frames: 0 }
  const encoder: FrameEncoder = {
    segment(segment) {
      counts.segments++
      return Buffer.from(JSON.stringify(segment))
    },
    readings(cursor, segments) {
      counts.frames++
      return Buffer.from(
        JSON.stringify({ type: 'readings', cursor, segments: segments.map((bytes) => JSON.parse(String(bytes))) }),
      )
    },
  }
  return { encoder, counts }
}

async function setup({ maxReadings = 1_000 } = {}) {
  const clock = createFakeClock()
  const devices = createDevices({
    records: createMemoryRecords().devices,
    store: createMemoryStore(),
    clock,
    log: silentLog,
  })
  for (const id of ['a', 'b']) await devices.hello(id, { tags: id === 'a' ? ['hall-2'] : [] })
  const live = createLive({ recent: createRecent({ maxAgeMs: 60_000, maxReadings }), epoch: 'e1', clock, devices })
  const { encoder, counts } = createCountingEncoder()
  let end = 0

  function join() {
    const told: ToConsole[] = []
    const frames: Frame[] = []
    const sink = { backlog: 0, gaveUp: false }
    const session = live.join({
      encoder,
      send: (frame) => frames.push(JSON.parse(String(frame))),
      backlog: () => sink.backlog,
      tell: (message) => told.push(message),
      tellShared: (message) => told.push(message),
      giveUp: () => {
        sink.gaveUp = true
      },
    })
    const watch = (more: Partial<WatchMessage> = {}) =>
      session.watch({ type: 'watch', id: 'w1', devices: '*', ...more })
    return { session, watch, told, frames, sink, segments: (): Segment[] => frames.flatMap((frame) => frame.segments) }
  }

  function announce(device: string, at: number, value = at) {
    end++
    const batch = { ...batchOf(device, [at], [value]), receivedAt: clock.now() }
    devices.seen(batch, 'ws')
    live.announce({ batch, end })
  }

  return { clock, live, devices, counts, join, announce }
}

describe('the live stream', () => {
  let hub: Awaited<ReturnType<typeof setup>>
  beforeEach(async () => {
    hub = await setup()
  })

  it('sends the readings of one tick in one frame', async () => {
    const { watch, frames } = hub.join()
    watch()
    hub.announce('a', 1)
    hub.announce('b', 2)
    hub.announce('a', 3)
    await hub.clock.advance(50)
    expect(frames).toEqual([
      {
        type: 'readings',
        cursor: 'e1:3',
        segments: [
          { device: 'a', at: [1, 3], values: { temperature: [1, 3] } },
          { device: 'b', at: [2], values: { temperature: [2] } },
        ],
      },
    ])
  })

  it('encodes a frame once for all who watch everything', async () => {
    for (let i = 0; i < 5; i++) hub.join().watch()
    hub.announce('a', 1)
    await hub.clock.advance(50)
    expect(hub.counts).toEqual({ segments: 1, frames: 1 })
  })

  it('encodes a segment once for consoles that watch different devices', async () => {
    hub.join().watch({ devices: ['a'] })
    hub.join().watch({ devices: ['a', 'b'] })
    hub.announce('a', 1)
    hub.announce('b', 1)
    await hub.clock.advance(50)
    expect(hub.counts.segments).toBe(2)
  })

  it('sends a console only what it watches, by id or by tag', async () => {
    const byId = hub.join()
    const byTag = hub.join()
    byId.watch({ devices: ['b'] })
    byTag.watch({ devices: { tag: 'hall-2' } })
    hub.announce('a', 1)
    hub.announce('b', 2)
    await hub.clock.advance(50)
    expect([byId, byTag].map(({ segments }) => segments().map(({ device }) => device))).toEqual([['b'], ['a']])
  })

  it('sends at most one value a metric in the time a latest watch asks for', async () => {
    const { watch, segments } = hub.join()
    watch({ mode: 'latest', everyMs: 1_000 })
    await hub.clock.advance(1_000)
    for (let i = 1; i <= 20; i++) {
      hub.announce('a', i)
      await hub.clock.advance(100)
    }
    expect(segments().length).toBeLessThanOrEqual(3)
    await hub.clock.advance(1_000)
    expect(segments().at(-1)?.at).toEqual([20])
  })

  it('sends a device once to a console that watches it twice', async () => {
    const { watch, session, segments } = hub.join()
    watch({ mode: 'latest' })
    session.watch({ type: 'watch', id: 'w2', devices: ['a'] })
    hub.announce('a', 1)
    hub.announce('b', 2)
    await hub.clock.advance(2_000)
    expect(segments().map(({ device }) => device)).toEqual(['a', 'b'])
  })

  it('keeps no timer while nothing comes', async () => {
    const { watch, frames } = hub.join()
    watch()
    await hub.clock.advance(10_000)
    expect(frames).toEqual([])
  })

  it('neither repeats nor loses a reading around the moment a watch begins', async () => {
    const first = hub.join()
    first.watch()
    hub.announce('a', 1)
    const second = hub.join()
    second.watch({ from: 'e1:0' })
    hub.announce('a', 2)
    await hub.clock.advance(50)
    const watching = second.told.find((message) => message.type === 'watching')
    expect([watching?.recent[0]?.at, second.segments().flatMap(({ at }) => at)]).toEqual([[1], [2]])
  })

  it('resumes from a cursor with just what was missed', async () => {
    for (const at of [1, 2, 3]) hub.announce('a', at)
    const { watch, told } = hub.join()
    watch({ from: 'e1:1' })
    expect(told[0]).toMatchObject({ type: 'watching', cursor: 'e1:3', recent: [{ device: 'a', at: [2, 3] }], gaps: [] })
  })

  it('gives what memory has since an instant', async () => {
    for (const at of [1, 2, 3]) hub.announce('a', at)
    const { watch, told } = hub.join()
    watch({ from: 2 })
    expect(told[0]).toMatchObject({ recent: [{ at: [2, 3] }] })
  })

  it.each([
    ['of another journal', 'e0:1', 'dropped'],
    ['from the future', 'e1:99', 'dropped'],
    ['older than memory', 'e1:0', 'expired'],
  ])('names a gap for a cursor %s', async (_, from, reason) => {
    const small = await setup({ maxReadings: 2 })
    for (const at of [1, 2, 3]) small.announce('a', at)
    const { watch, told } = small.join()
    watch({ from })
    expect(told[0]).toMatchObject({ gaps: [{ reason }] })
  })

  it('refuses a watch of devices none of which exists', () => {
    const { watch } = hub.join()
    expect(() => watch({ devices: ['nobody', 'neither'] })).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  it('goes on watching the others when one of its devices is gone, and tells of it when it comes', async () => {
    const { watch, told } = hub.join()
    watch({ devices: ['a', 'later'] })
    await hub.devices.hello('later', {})
    expect(
      told.map((message) => (message.type === 'watching' ? message.devices.map(({ id }) => id) : message.type)),
    ).toEqual([['a'], 'device'])
  })

  it('tells a console that watches a tag when a device has it no more', async () => {
    const { watch, told } = hub.join()
    watch({ devices: { tag: 'hall-2' } })
    await hub.devices.update('a', { tags: [] })
    expect(told.at(-1)).toMatchObject({ type: 'device', device: { id: 'a', tags: [] } })
  })

  it('names a gap for an instant before what memory has', () => {
    const { watch, told } = hub.join()
    hub.live.startAt(0)
    watch({ from: 5 })
    expect(told[0]).toMatchObject({ gaps: [{ from: 5, to: hub.clock.now(), reason: 'expired' }] })
  })

  it('answers with the newest of what was missed when it is too much for one message, and a gap', async () => {
    const big = await setup({ maxReadings: 100_000 })
    for (let at = 1; at <= 60_000; at++) big.announce('a', at)
    const { watch, told } = big.join()
    watch({ from: 'e1:0' })
    const answer = told[0] as Extract<ToConsole, { type: 'watching' }>
    expect([answer.recent[0]?.at.length, answer.recent[0]?.at.at(-1), answer.gaps]).toMatchObject([
      50_000,
      60_000,
      [{ from: 1, reason: 'behind' }],
    ])
  })

  it('refuses more watches than a console may have', () => {
    const { session } = hub.join()
    const watch = (i: number) => session.watch({ type: 'watch', id: `w${i}`, devices: ['a'] })
    for (let i = 0; i < 64; i++) watch(i)
    expect(() => watch(64)).toThrow(expect.objectContaining({ code: 'too-many-watches' }))
  })

  it('tells a watching console of a change of its devices', async () => {
    const { watch, told } = hub.join()
    watch({ devices: ['a'] })
    await hub.devices.update('a', { name: 'North' })
    await hub.devices.update('b', { name: 'South' })
    expect(told.filter(({ type }) => type === 'device')).toMatchObject([{ device: { id: 'a', name: 'North' } }])
  })

  it('sends nothing after an unwatch', async () => {
    const { watch, session, frames } = hub.join()
    watch()
    session.unwatch('w1')
    hub.announce('a', 1)
    await hub.clock.advance(50)
    expect(frames).toEqual([])
  })
})

describe('a slow console', () => {
  it('is told that it is behind, gets nothing more, then the latest values and the gap', async () => {
    const hub = await setup()
    const { watch, told, frames, sink } = hub.join()
    watch()
    sink.backlog = 2_000_000
    hub.announce('a', 1)
    await hub.clock.advance(50)
    hub.announce('a', 2)
    await hub.clock.advance(1_000)
    expect([told.map(({ type }) => type).filter((type) => type !== 'device'), frames]).toEqual([
      ['watching', 'behind'],
      [],
    ])
    sink.backlog = 0
    await hub.clock.advance(1_000)
    expect([told.at(-1), frames.at(-1)?.segments]).toMatchObject([
      { type: 'caughtUp', gaps: [{ reason: 'behind' }] },
      [{ device: 'a', at: [2] }],
    ])
  })

  it('is given up when nothing drains for 30 seconds, and delays nobody else', async () => {
    const hub = await setup()
    const slow = hub.join()
    const quick = hub.join()
    slow.watch()
    quick.watch()
    slow.sink.backlog = 2_000_000
    hub.announce('a', 1)
    await hub.clock.advance(32_000)
    expect([slow.sink.gaveUp, quick.frames.length]).toEqual([true, 1])
  })
})
