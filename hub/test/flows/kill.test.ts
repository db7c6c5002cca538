// What was acknowledged survives kill -9, whatever the transport; a first, simple version of fault F01.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { available } from '../../../infra/services/available.ts'
import { startMosquitto } from '../../../infra/services/mosquitto.ts'
import type { RawSeries } from '../../src/protocol/index.ts'
import { eventually, type HubProcess, spawnTestHub } from '../running-hub.ts'
import { openDevice } from '../wire-socket.ts'

const run = promisify(execFile)
let hub: HubProcess

afterEach(() => hub?.stop())

/** What the history has of a device once the store has caught up with the journal. */
async function kept(device: string): Promise<unknown[]> {
  const console = hub.console()
  await eventually(
    async () => (await console.request<{ journal: { pending: number } }>('GET', '/stats')).journal.pending === 0,
  )
  const { series } = await console.history(device, { metrics: ['n'], points: 10_000 })
  console.close()
  return (series.n as RawSeries).value
}

it.skipIf(!available('mosquitto-clients'))(
  'mosquitto_pub -q 1 returns only after the journal has the reading',
  async () => {
    hub = await spawnTestHub()
    const key = hub.key('gateway')
    for (const n of [1, 2, 3]) {
      await run('mosquitto_pub', [
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
        `{"n":${n}}`,
      ])
      await hub.kill()
      await hub.restart()
    }
    expect(await kept('by-mqtt')).toEqual([1, 2, 3])
  },
)

it('HTTP 200 comes only after the journal has the reading', async () => {
  hub = await spawnTestHub()
  const headers = { authorization: `Bearer ${hub.key('gateway')}`, 'content-type': 'application/json' }
  for (const n of [1, 2, 3]) {
    const body = JSON.stringify({ device: 'by-http', readings: [{ values: { n } }] })
    await fetch(`${hub.url}/api/v1/readings`, { method: 'POST', headers, body })
    await hub.kill()
    await hub.restart()
  }
  expect(await kept('by-http')).toEqual([1, 2, 3])
})

it('no acknowledged reading of a stream over a WebSocket is lost when the hub is killed in the middle of it', async () => {
  hub = await spawnTestHub()
  const acknowledged = new Set<number>()
  const startedAt = Date.now() - 60_000
  let seq = 0
  for (let round = 0; round < 3; round++) {
    const device = await openDevice(hub.url, hub.key('gateway'), 'by-ws', { stream: 'one' })
    const until = acknowledged.size + 100
    while (acknowledged.size < until) {
      const n = ++seq
      device.send({ type: 'readings', seq: n, readings: [{ at: startedAt + n, values: { n } }] })
      device.next<{ type: string; seq: number }>('ack').then(
        (ack) => acknowledged.add(ack.seq),
        () => {},
      )
      await new Promise((resolve) => setImmediate(resolve))
    }
    await hub.kill()
    await device.closed
    await hub.restart()
  }
  const values = new Set(await kept('by-ws'))
  expect([...acknowledged].filter((n) => !values.has(n))).toEqual([])
})

it.skipIf(!available('mosquitto') || !available('mosquitto-clients'))(
  'a bridged Mosquitto delivers again what the hub had not acknowledged',
  async () => {
    const broker = await startMosquitto()
    hub = await spawnTestHub({ MQTT_URL: broker.url })
    await eventually(async () => (await fetch(`${hub.url}/readyz`)).ok)
    const publish = (n: number) =>
      run('mosquitto_pub', [
        '-p',
        String(broker.port),
        '-q',
        '1',
        '-t',
        'telehub/v1/far/telemetry',
        '-m',
        `{"at":${Date.now()},"values":{"n":${n}}}`,
      ])
    await publish(1)
    await hub.kill()
    await publish(2)
    await hub.restart()
    const seen = await eventually(async () => {
      const values = await kept('far').catch(() => [])
      return values.length === 2 && values
    })
    expect(seen).toEqual([1, 2])
    await hub.stop()
    await broker.stop()
  },
)
