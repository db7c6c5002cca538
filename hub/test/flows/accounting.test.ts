// Every reading is accounted for, through duplicates, refusals, dead letters, kills and restarts.

import { afterEach, expect, it } from 'vitest'
import { connectPacket, openWire, publishPacket } from '../../src/adapters/mqtt/testing/wire.ts'
import type { DeadLetterList, History, RawSeries, RetryAnswer } from '../../src/protocol/index.ts'
import { expectAccounting, statsOf } from '../accounting.ts'
import { type PlayingInflux, startPlayingInflux } from '../faults/playing-influx.ts'
import { eventually, type HubProcess, spawnTestHub } from '../running-hub.ts'
import { openDevice } from '../wire-socket.ts'

let hub: HubProcess
let influx: PlayingInflux | undefined

afterEach(async () => {
  await hub?.stop()
  await influx?.close()
  influx = undefined
})

const settled = () => eventually(async () => (await statsOf(hub)).journal.pending === 0)

interface Ack {
  type: 'ack'
  seq: number
  accepted: number
  duplicate?: true
}

async function sendOver(device: Awaited<ReturnType<typeof openDevice>>, seq: number, values: object) {
  device.send({ type: 'readings', seq, readings: [{ at: Date.now() - 100_000 + seq, values }] })
  return device.next<Ack>('ack', (ack) => ack.seq === seq)
}

it('knows a message again after a kill, also when the journal has let go of it', async () => {
  hub = await spawnTestHub({ JOURNAL_MAX_BYTES: String(1024 * 1024) })
  const first = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { stream: 'one' })
  await sendOver(first, 1, { n: 1 })
  // An eighth of the budget is one segment: this many bytes are several, and all but the last are released.
  const text = 'x'.repeat(4_000)
  for (let seq = 2; seq <= 120; seq++) await sendOver(first, seq, { text: `${seq} ${text}` })
  await settled()
  await eventually(async () => (await statsOf(hub)).journal.bytes < 400_000)
  await hub.kill()
  await hub.restart()

  const again = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { stream: 'one' })
  const acks = [
    await sendOver(again, 1, { n: 1 }),
    await sendOver(again, 120, { n: 1 }),
    await sendOver(again, 121, { n: 1 }),
  ]
  expect(acks.map(({ accepted, duplicate }) => [accepted, duplicate])).toEqual([
    [0, true],
    [0, true],
    [1, undefined],
  ])
  const { journal, duplicates } = await expectAccounting(hub)
  expect([journal.accepted, duplicates]).toEqual([121, 2])
})

it('counts on after a restart: duplicates, jumps, conflicts, and what was rejected by code', async () => {
  hub = await spawnTestHub()
  const first = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { stream: 'one' })
  const say = (seq: number, at: number, values: object) => {
    first.send({ type: 'readings', seq, readings: [{ at, values }] })
    return first.next<Ack>('ack', (ack) => ack.seq === seq)
  }
  const at = Date.now() - 1_000
  await say(1, at, { n: 1, time: 1 })
  await say(1, at, { n: 1 })
  await say(5, at, { n: 2 })
  await say(6, at + 1, { n: 'three' })
  await hub.restart()

  const { duplicates, jumps, conflicts, rejected, journal } = await expectAccounting(hub)
  expect({ duplicates, jumps, conflicts, rejected, accepted: journal.accepted }).toEqual({
    duplicates: 1,
    jumps: 1,
    conflicts: 1,
    rejected: { 'reserved-name': 1, 'type-conflict': 1 },
    accepted: 2,
  })
})

it('dead letters survive a kill, are exported as they are, and leave when the store takes them', async () => {
  influx = await startPlayingInflux()
  const { environment } = influx
  hub = await spawnTestHub(environment)
  influx.behave(({ readings, keep, response }) => {
    if (readings.some(({ value }) => value === 666))
      return void response.writeHead(400).end('{"error":"no such number"}')
    keep()
    response.writeHead(204).end()
  })
  const device = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { stream: 'one' })
  for (let seq = 1; seq <= 20; seq++) await sendOver(device, seq, { n: seq === 13 ? 666 : seq })
  await settled()
  const before = await expectAccounting(hub)
  expect(before.journal).toMatchObject({ accepted: 20, stored: 19, deadLetter: 1 })
  await hub.kill()
  await hub.restart()

  const console = hub.console()
  const { deadLetters } = await console.request<DeadLetterList>('GET', '/dead-letters')
  expect(deadLetters).toMatchObject([{ device: 'pump-1', metric: 'n', value: 666, position: 12 }])
  expect(deadLetters[0]?.reason).toContain('no such number')
  expect((await expectAccounting(hub)).journal.deadLetter).toBe(1)

  influx.behave(({ keep, response }) => {
    keep()
    response.writeHead(204).end()
  })
  const result = await console.request<RetryAnswer>('POST', '/dead-letters/retry', {})
  const after = await expectAccounting(hub)
  expect([result, after.journal.stored, after.journal.deadLetter]).toEqual([{ stored: 1, refused: 0 }, 20, 0])
  expect(influx.held().filter(({ value }) => value === 666)).toHaveLength(1)
  console.close()
})

it('a QoS 1 message without a time, sent again because its PUBACK was lost, is the same reading', async () => {
  hub = await spawnTestHub()
  const login = { clientId: 'probe', username: 'pump-1', password: Buffer.from(hub.key('gateway')) }
  for (const dup of [false, true]) {
    const wire = await openWire(hub.mqttPort)
    wire.send(connectPacket({ ...login, clean: false }))
    expect(await wire.next()).toMatchObject({ cmd: 'connack', returnCode: 0 })
    wire.send({ ...publishPacket('telehub/v1/pump-1/telemetry', '{"n":1}', 7), dup } as Parameters<typeof wire.send>[0])
    expect(await wire.next()).toMatchObject({ cmd: 'puback', messageId: 7 })
    wire.end()
  }
  await settled()
  const console = hub.console()
  const { series } = await console.request<History>('GET', '/devices/pump-1/readings?metric=n')
  console.close()
  expect([(series.n as RawSeries).value, (await expectAccounting(hub)).journal.accepted]).toEqual([[1], 2])
})
