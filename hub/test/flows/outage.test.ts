// The store goes away and comes back: devices notice nothing, nothing is lost, and the log says it in two lines.

import { afterEach, expect, it } from 'vitest'
import type { HubClient } from '../../src/client/index.ts'
import type { Log } from '../../src/core/ports.ts'
import { expectAccounting, statsOf } from '../accounting.ts'
import { answer, keepAndConfirm, type PlayingInflux, startPlayingInflux } from '../faults/playing-influx.ts'
import { eventually, spawnTestHub, startTestHub, type TestHub } from '../running-hub.ts'
import { openDevice } from '../wire-socket.ts'

let hub: TestHub
let influx: PlayingInflux

afterEach(async () => {
  await hub.stop()
  await influx.close()
})

interface Ack {
  type: 'ack'
  seq: number
}

function createStoreLog(): Log & { lines: { level: string; event: string; fields: Record<string, unknown> }[] } {
  const lines: { level: string; event: string; fields: Record<string, unknown> }[] = []
  const line =
    (level: string) =>
    (event: string, fields: Record<string, unknown> = {}) => {
      if (event.startsWith('store')) lines.push({ level, event, fields })
    }
  return { lines, debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }
}

async function send(device: Awaited<ReturnType<typeof openDevice>>, from: number, to: number) {
  const startAt = Date.now() - 3_600_000
  for (let seq = from; seq <= to; seq++)
    device.send({ type: 'readings', seq, readings: [{ at: startAt + seq, values: { n: seq } }] })
  await device.next<Ack>('ack', ({ seq }) => seq === to)
}

const numbersHeld = () =>
  influx
    .held()
    .map(({ value }) => value)
    .sort((a, b) => Number(a) - Number(b))

it('keeps acknowledging and showing while the store is away, and stores all of it afterwards, in two lines of log', async () => {
  influx = await startPlayingInflux()
  const log = createStoreLog()
  hub = await startTestHub(influx.environment, log)
  const device = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { stream: 'one' })
  await influx.goAway()
  await send(device, 1, 200)
  await eventually(async () => (await statsOf(hub)).store.reason !== undefined)
  await send(device, 201, 400)
  const during = await expectAccounting(hub)
  await seen(hub.console(), 'pump-1', 400)

  await influx.comeBack()
  await eventually(async () => (await statsOf(hub)).journal.pending === 0, 40_000)
  const after = await expectAccounting(hub)
  expect([during.journal.pending, during.store.ready, after.journal.stored, after.store.ready]).toEqual([
    400,
    false,
    400,
    true,
  ])
  expect(numbersHeld()).toEqual(Array.from({ length: 400 }, (_, i) => i + 1))
  expect(log.lines.map(({ level, event }) => `${level}: ${event}`)).toEqual([
    'warn: store unreachable; readings wait in the journal',
    'info: store takes readings again',
  ])
  expect(log.lines[1]?.fields).toMatchObject({ forMs: expect.any(Number), readings: expect.any(Number) })
})

async function seen(console: HubClient, device: string, value: number) {
  const { latest } = await console.request<{ latest: Record<string, { value: unknown }> }>('GET', `/devices/${device}`)
  expect(latest.n?.value).toBe(value)
}

it('pauses on a wrong token, names the setting, drops nothing, and goes on by itself', async () => {
  influx = await startPlayingInflux()
  const log = createStoreLog()
  hub = await startTestHub(influx.environment, log)
  influx.behave(answer(401))
  const device = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { stream: 'one' })
  await send(device, 1, 50)
  const reason = await eventually(async () => {
    const { checks } = (await (await fetch(`${hub.url}/readyz`)).json()) as {
      checks: { store: { reason?: string } }
    }
    return checks.store.reason
  })
  influx.behave(keepAndConfirm)
  await eventually(async () => (await statsOf(hub)).journal.pending === 0, 20_000)
  await expectAccounting(hub)
  expect([reason, log.lines.filter(({ level }) => level === 'error').length, numbersHeld().length]).toEqual([
    expect.stringContaining('TELEHUB_INFLUX_TOKEN'),
    1,
    50,
  ])
})

it('a hub told to stop while the store hangs answers all that it took, says goodbye, and stores it the next time', async () => {
  influx = await startPlayingInflux()
  const spawned = await spawnTestHub(influx.environment)
  hub = spawned
  influx.behave(() => {})
  const device = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { stream: 'one' })
  let acknowledged = 0
  device.socket.on('message', (data) => {
    if (JSON.parse(String(data)).type === 'ack') acknowledged++
  })
  const startAt = Date.now() - 3_600_000
  for (let seq = 1; seq <= 1_000; seq++)
    device.send({ type: 'readings', seq, readings: [{ at: startAt + seq, values: { n: seq } }] })
  await device.next<Ack>('ack', ({ seq }) => seq === 1)

  const startedAt = performance.now()
  const restarted = spawned.restart()
  const { code } = await device.closed
  const stoppedMs = performance.now() - startedAt
  influx.behave(keepAndConfirm)
  await restarted
  await eventually(async () => (await statsOf(hub)).journal.pending === 0, 40_000)
  const { journal } = await expectAccounting(hub)
  expect([code, stoppedMs < 10_000, journal.accepted, numbersHeld().length]).toEqual([
    1001,
    true,
    acknowledged,
    acknowledged,
  ])
})
