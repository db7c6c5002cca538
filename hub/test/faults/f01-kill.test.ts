// F01: the hub is killed at random times, again and again, while devices report over every transport.

import { execFile } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterEach, expect, it } from 'vitest'
import { available } from '../../../infra/services/available.ts'
import { startInflux } from '../../../infra/services/influxdb.ts'
import { startMosquitto } from '../../../infra/services/mosquitto.ts'
import type { Evidence } from './checker.ts'
import { createHistory } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { bridgedOn, fleetOn } from './load/fleet.ts'
import { type LoadPlan, startLoad } from './load/load.ts'
import { randomOf, size } from './seed.ts'
import { expectKept } from './verdict.ts'

const rounds = size({ fast: 3, long: 60 })
/** Long enough for the recorder's writes, which gather for half a second. */
const longestLifeMs = 1_600

const run = promisify(execFile)
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (let close = closers.pop(); close; close = closers.pop()) await close()
})

async function killAgainAndAgain(hub: HubUnderTest, plans: LoadPlan[], name: string, evidence: Partial<Evidence> = {}) {
  const random = randomOf(name)
  const history = createHistory()
  const load = startLoad(plans, { history, random })
  for (let round = 0; round < rounds; round++) {
    const before = history.acknowledged
    await history.until(({ acknowledged }) => acknowledged > before)
    await wait(random() * longestLifeMs)
    await hub.kill()
    await hub.restart()
  }
  await load.stop()
  return expectKept(hub, history, { atLeast: rounds * 20, ...evidence })
}

it('F01 nothing acknowledged over ws, http and mqtt is lost by kill -9 at random times, with the embedded store', async () => {
  const hub = await startHubProcess()
  closers.push(hub.stop)
  const { tally } = await killAgainAndAgain(hub, fleetOn(hub), 'F01 embedded')
  expect(tally.again).toBeGreaterThan(0)
})

it.skipIf(!available('influxdb'))('F01 the same with a real InfluxDB', async () => {
  const influx = await startInflux()
  closers.push(influx.stop)
  const hub = await startHubProcess({ environment: { INFLUX_URL: influx.url, INFLUX_DATABASE: 'faults' } })
  closers.push(hub.stop)
  await killAgainAndAgain(hub, fleetOn(hub), 'F01 influx')
})

it.skipIf(!available('mosquitto-clients'))('F01 mosquitto_pub ends only after the hub has its reading', async () => {
  const hub = await startHubProcess()
  closers.push(hub.stop)
  const history = createHistory()
  for (const value of [1, 2]) {
    const reading = { device: 'by-hand', metric: 'n', at: Date.now() - 60_000 + value, value }
    const line = { via: 'mqtt' as const, seq: value, readings: [reading] }
    const login = ['-p', String(hub.mqttPort), '-u', 'by-hand', '-P', hub.key('gateway')]
    const payload = JSON.stringify({ at: reading.at, values: { n: value } })
    history.add({ event: 'send', ...line })
    await run('mosquitto_pub', [...login, '-q', '1', '-t', 'telehub/v1/by-hand/telemetry', '-m', payload])
    history.add({ event: 'ack', ...line })
    await hub.kill()
    await hub.restart()
  }
  await expectKept(hub, history, { atLeast: 2 })
})

it.skipIf(!available('mosquitto'))('F01 the same through a bridged Mosquitto', async () => {
  const broker = await startMosquitto({ config: ['max_queued_messages 0', 'max_inflight_messages 200'] })
  closers.push(broker.stop)
  const hub = await startHubProcess({ environment: { MQTT_URL: broker.url } })
  closers.push(hub.stop)
  // Until the hub has subscribed, a broker has nobody to keep messages for.
  await expect.poll(async () => (await hub.ready()).checks.broker?.ok, { timeout: 20_000 }).toBe(true)
  // MQTT 5 lets a broker have 65,535 messages under way, all of which it sends again to the hub's next life.
  const brokerRepeats = Number.POSITIVE_INFINITY
  await killAgainAndAgain(hub, [...bridgedOn(broker), ...fleetOn(hub).slice(0, 2)], 'F01 bridge', { brokerRepeats })
})
