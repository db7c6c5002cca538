// F10, F11, F13, F14, F16, F17: what InfluxDB, or whoever sits in its place, can answer. A small server plays it.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually } from '../running-hub.ts'
import { createHistory, type History, type Reading } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { fleetOn } from './load/fleet.ts'
import { type Load, startLoad } from './load/load.ts'
import type { Sender } from './load/sender.ts'
import { wsSender } from './load/ws.ts'
import { answer, keepAndConfirm, type PlayingInflux, startPlayingInflux, type Write } from './playing-influx.ts'
import { randomOf, size } from './seed.ts'
import { expectKept } from './verdict.ts'

let influx: PlayingInflux
let hub: HubUnderTest
let history: History
let load: Load
let fleets = 0
const deadLetters: Reading[] = []

// One hub lives through all of these faults, and after each one everything that it ever acknowledged must be there.
beforeAll(async () => {
  influx = await startPlayingInflux()
  hub = await startHubProcess({ environment: influx.environment })
  history = createHistory()
})
afterEach(() => load.abandon())
afterAll(async () => {
  await hub.stop()
  await influx.close()
})

/** From now on until `expectAllKept`. */
function report(name: string) {
  const plans = fleetOn(hub, `-${++fleets}`).map((plan) => ({ ...plan, lanes: 2, paceMs: 20 }))
  load = startLoad(plans, { history, random: randomOf(name) })
}

/** The writes from now on, as soon as there are `count` of them. */
async function nextWrites(count: number): Promise<readonly Write[]> {
  const { length } = influx.writes
  await eventually(() => influx.writes.length >= length + count, 60_000)
  return influx.writes.slice(length)
}

async function expectAllKept() {
  const { acknowledged } = history
  influx.behave(keepAndConfirm)
  await load.stop()
  await hub.settled()
  return expectKept(hub, history, { found: influx.held(), deadLetters, atLeast: acknowledged })
}

describe('F10 InfluxDB refuses connections', () => {
  it('F10 the backlog drains in order, and devices are acknowledged as fast as before', async () => {
    const outageMs = size({ fast: 4_000, long: 120_000 })
    const open = wsSender(hub)
    load = startLoad([{ device: 'in-order', via: 'ws', open, lanes: 1 }], { history, random: randomOf('F10') })
    const before = await rateDuring(2_000)
    await influx.goAway()
    const during = await rateDuring(outageMs)
    const { length } = influx.writes
    await influx.comeBack()
    await nextWrites(1)
    await expectAllKept()

    const times = influx.writes.slice(length).flatMap(({ readings }) => readings.map(({ at }) => at))
    expect(times.length).toBeGreaterThan(100)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(during).toBeGreaterThan(before / 2)
  })
})

/** Acknowledgements a second. */
async function rateDuring(ms: number): Promise<number> {
  const { acknowledged } = history
  const startedAt = performance.now()
  await eventually(() => performance.now() - startedAt > ms, ms + 10_000)
  return ((history.acknowledged - acknowledged) * 1_000) / (performance.now() - startedAt)
}

describe('F11 InfluxDB asks for a pause', () => {
  // An HTTP date has whole seconds.
  const seconds = size({ fast: 3, long: 30 })
  it.each([
    ['a number of seconds', () => String(seconds)],
    ['a date', () => new Date(Date.now() + seconds * 1_000).toUTCString()],
  ])('F11 no try comes before the end of Retry-After, given as %s', async (_form, retryAfter) => {
    influx.behave(({ response }) => void response.writeHead(503, { 'retry-after': retryAfter() }).end())
    report('F11')
    const [first, second] = await nextWrites(2)
    expect(second!.at - first!.at).toBeGreaterThan((seconds - 1) * 1_000)
    expect(second!.at - first!.at).toBeLessThan((seconds + 5) * 1_000)
    await expectAllKept()
  })
})

describe('F13 InfluxDB does not let the hub in', () => {
  it.each([
    [401, 'TELEHUB_INFLUX_TOKEN'],
    [403, 'TELEHUB_INFLUX_TOKEN'],
    [404, 'TELEHUB_INFLUX_BUCKET'],
  ])('F13 a %i drops nothing, and /readyz names %s', async (status, setting) => {
    influx.behave(answer(status))
    report('F13')
    await nextWrites(size({ fast: 2, long: 6 }))
    const { ready, checks } = await hub.ready()
    expect([ready, checks.store?.reason]).toEqual([false, expect.stringContaining(setting)])
    await expectAllKept()
    expect((await hub.ready()).ready).toBe(true)
  })
})

describe('F14 one reading that InfluxDB never takes', () => {
  it('F14 of 5,000 readings 4,999 are stored and one is put aside, with few requests', async () => {
    const poison = 666.5
    influx.behave((write) => {
      if (write.readings.every(({ value }) => value !== poison)) return keepAndConfirm(write)
      write.response.writeHead(400).end('{"message":"poison"}')
    })
    const { stored } = await hub.settled()
    const { length } = influx.writes
    const readings = fiveThousand(poison)
    const sender = await wsSender(hub)({ device: 'pump-1', stream: 's' })
    await Promise.all([0, 1, 2, 3, 4].map((seq) => send(sender, seq, readings.slice(seq * 1_000, (seq + 1) * 1_000))))
    sender.close()
    await hub.settled()
    deadLetters.push(...readings.filter(({ value }) => value === poison))
    const { counts } = await expectAllKept()
    expect(counts).toMatchObject({ stored: stored + 4_999, deadLetter: 1 })
    // Halving 5,000 down to one takes 13 steps of two requests.
    expect(influx.writes.length - length).toBeLessThan(40)
  })
})

async function send(sender: Sender, seq: number, readings: readonly Reading[]) {
  const line = { via: 'ws' as const, seq, readings }
  history.add({ event: 'send', ...line })
  expect(await sender.send({ device: 'pump-1', ...line })).toBe('ack')
  history.add({ event: 'ack', ...line })
}

function fiveThousand(poison: number): Reading[] {
  const firstAt = Date.now() - 3_600_000
  return Array.from({ length: 5_000 }, (_, i) => {
    return { device: 'pump-1', metric: 'n', at: firstAt + i, value: i === 3_210 ? poison : i }
  })
}

describe('F16 somebody else answers', () => {
  it.each([
    ['200 of a captive portal', answer(200, { 'content-type': 'text/html' }, '<html>Please sign in</html>')],
    ['302 to a page to sign in', answer(302, { location: 'http://portal.test/' })],
    ['201', answer(201)],
    ['the first half of a 204, then a reset', brokenOff('HTTP/1.1 204 No Con')],
    ['nothing, then a reset', brokenOff('')],
  ])('F16 %s is not taken for a write', async (_words, behaviour) => {
    const { stored } = await hub.settled()
    influx.behave(behaviour)
    report('F16')
    await nextWrites(2)
    expect((await hub.stats()).journal.stored).toBe(stored)
    await expectAllKept()
  })

  it('F16 a real 204 counts also when the connection breaks right after it', async () => {
    influx.behave((write) => {
      write.keep()
      write.response.socket?.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n')
    })
    report('F16')
    await nextWrites(3)
    await expectAllKept()
  })
})

function brokenOff(text: string) {
  return ({ response: { socket } }: Write) => void socket?.write(text, () => socket.resetAndDestroy())
}

describe('F17 InfluxDB answers too late', () => {
  it('F17 what it has taken and not confirmed in time is stored once', async () => {
    let late = 0
    influx.behave((write) => {
      write.keep()
      // The hub waits for ten seconds.
      if (late++ === 0) setTimeout(() => write.response.writeHead(204).end(), 12_000)
      else write.response.writeHead(204).end()
    })
    report('F17')
    const [first, second] = await nextWrites(2)
    expect(second!.at - first!.at).toBeGreaterThan(9_000)
    expect(second!.readings).toEqual(expect.arrayContaining([first!.readings[0]]))
    await expectAllKept()
  })
})
