// A reading comes in by each transport, from tools that nobody here wrote, and is seen live and in the history.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { available } from '../../../infra/services/available.ts'
import { startMosquitto } from '../../../infra/services/mosquitto.ts'
import type { HubClient } from '../../src/client/index.ts'
import type { RawSeries, Segment } from '../../src/protocol/index.ts'
import { expectAccounting } from '../accounting.ts'
import { eventually, startTestHub, type TestHub } from '../running-hub.ts'
import { stores } from '../stores.ts'
import { openDevice } from '../wire-socket.ts'

const run = promisify(execFile)

/** Resolves with the first live segment of a device, also of one that does not exist yet. */
function firstSegment(console: HubClient, device: string): Promise<Segment> {
  return new Promise((resolve) => {
    const stop = console.watch(
      { devices: '*' },
      {
        readings(segment) {
          if (segment.device !== device) return
          stop()
          resolve(segment)
        },
      },
    )
  })
}

async function live(console: HubClient) {
  await eventually(() => console.state.kind === 'live')
  await new Promise<void>((resolve) => {
    const stop = console.watch({ devices: '*' }, { snapshot: () => resolve(stop()) })
  })
}

async function historyOf(console: HubClient, device: string): Promise<RawSeries> {
  return eventually(async () => {
    const { series } = await console.history(device, { metrics: ['temperature'] })
    const found = series.temperature as RawSeries
    return found.at.length > 0 && found
  })
}

describe.each(stores)('with $name, a reading', ({ needs, environment }) => {
  const missing = needs.some((server) => !available(server))
  let hub: TestHub
  let console: HubClient
  let stopStore: () => Promise<void>

  beforeAll(async () => {
    if (missing) return
    const store = await environment()
    stopStore = store.stop
    hub = await startTestHub(store.environment)
    console = hub.console()
    await live(console)
  })
  afterAll(async () => {
    await hub?.stop()
    await stopStore?.()
  })

  /** Sends with `send`, and gives back what a console saw and what the history has. */
  async function story(device: string, send: () => Promise<unknown>) {
    const seen = firstSegment(console, device)
    await send()
    return { live: (await seen).values.temperature, kept: (await historyOf(console, device)).value }
  }

  it.skipIf(missing)('sent by curl is seen live and kept', async () => {
    const body = '{"device":"by-curl","readings":[{"values":{"temperature":21.5}}]}'
    const send = () =>
      run('curl', [
        '-sS',
        '-f',
        '-X',
        'POST',
        `${hub.url}/api/v1/readings`,
        '-H',
        `Authorization: Bearer ${hub.key('gateway')}`,
        '-H',
        'Content-Type: application/json',
        '-d',
        body,
      ])
    expect(await story('by-curl', send)).toEqual({ live: [21.5], kept: [21.5] })
  })

  it.skipIf(missing || !available('mosquitto-clients'))(
    'sent by mosquitto_pub to the embedded broker is seen live and kept',
    async () => {
      const key = hub.key('gateway')
      const send = () =>
        run('mosquitto_pub', [
          '-p',
          String(hub.mqttPort),
          '-u',
          'by-mqtt',
          '-P',
          key,
          '-q',
          '1',
          '-t',
          'telehub/v1/by-mqtt/telemetry',
          '-m',
          '{"temperature":22.5}',
        ])
      expect(await story('by-mqtt', send)).toEqual({ live: [22.5], kept: [22.5] })
    },
  )

  it.skipIf(missing)('sent over a WebSocket is acknowledged as on disk, seen live and kept', async () => {
    const device = await openDevice(hub.url, hub.key('gateway'), 'by-ws')
    const send = async () => {
      device.send({ type: 'readings', seq: 1, readings: [{ values: { temperature: 23.5 } }] })
      expect(await device.next('ack')).toEqual({ type: 'ack', seq: 1, accepted: 1, rejected: [], durable: 'disk' })
    }
    expect(await story('by-ws', send)).toEqual({ live: [23.5], kept: [23.5] })
    device.close()
  })

  it.skipIf(missing)('is the same for a console that speaks MessagePack', async () => {
    const binary = hub.console({ format: 'msgpack' })
    await live(binary)
    const seen = firstSegment(binary, 'by-ws-2')
    const device = await openDevice(hub.url, hub.key('gateway'), 'by-ws-2')
    const at = Date.now() - 1_000
    device.send({
      type: 'readings',
      seq: 1,
      readings: [{ at, values: { temperature: 24.5, running: true, mode: 'eco' } }],
    })
    expect(await seen).toEqual({
      device: 'by-ws-2',
      at: [at],
      values: { temperature: [24.5], running: [true], mode: ['eco'] },
    })
    device.close()
  })

  it.skipIf(missing)('adds up: accepted is stored and pending and dead letters and expired', async () => {
    await eventually(async () => (await expectAccounting(hub)).journal.pending === 0)
  })
})

describe.skipIf(!available('mosquitto') || !available('mosquitto-clients'))(
  'through a Mosquitto that the hub bridges, a reading',
  () => {
    it('sent by mosquitto_pub is seen live and kept', async () => {
      const broker = await startMosquitto()
      const hub = await startTestHub({ MQTT_URL: broker.url })
      try {
        const console = hub.console()
        await live(console)
        await eventually(async () => (await fetch(`${hub.url}/readyz`)).ok)
        const seen = firstSegment(console, 'bridged')
        await run('mosquitto_pub', [
          '-p',
          String(broker.port),
          '-q',
          '1',
          '-t',
          'telehub/v1/bridged/telemetry',
          '-m',
          '{"values":{"temperature":25.5}}',
        ])
        expect([(await seen).values.temperature, (await historyOf(console, 'bridged')).value]).toEqual([[25.5], [25.5]])
      } finally {
        await hub.stop()
        await broker.stop()
      }
    })
  },
)
