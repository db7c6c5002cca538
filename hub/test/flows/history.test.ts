// Days of readings come in, the hub stops in between, a device goes away: what a chart and a spreadsheet get of it.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { available } from '../../../infra/services/available.ts'
import type { BucketSeries, History, HistoryList, RawSeries } from '../../src/protocol/index.ts'
import { eventually, startTestHub, type TestHub } from '../running-hub.ts'
import { stores } from '../stores.ts'
import { openDevice } from '../wire-socket.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const now = Date.now()
/** A midnight some four days ago. */
const start = Math.floor(now / dayMs - 4) * dayMs

describe.each(stores)('with $name, history', ({ needs, environment }) => {
  const missing = needs.some((server) => !available(server))
  let hub: TestHub
  let stopStore: () => Promise<void>

  beforeAll(async () => {
    if (missing) return
    const made = await environment()
    stopStore = made.stop
    hub = await startTestHub(made.environment)
    for (const device of ['pump-1', 'pump-2']) {
      for (let hour = 0; hour < 72; hour++) {
        const readings = Array.from({ length: 60 }, (_, i) => {
          const at = start + hour * hourMs + i * minuteMs
          return { at, values: { temperature: hour + i / 100, state: hour % 2 === 0 ? 'on' : 'off' } }
        })
        await send(device, readings)
      }
    }
    await send('pump-1', [{ at: start + 80 * hourMs, values: { running: true } }])
    await eventually(async () => (await ask('/stats')).journal.pending === 0)
  })
  afterAll(async () => {
    if (missing) return
    await hub.stop()
    await stopStore()
  })

  async function send(device: string, readings: unknown[]) {
    const response = await fetch(`${hub.url}/api/v1/readings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.key('gateway')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ device, readings }),
    })
    expect(await response.json()).toMatchObject({
      accepted: readings.flatMap((one) => Object.keys((one as { values: object }).values)).length,
    })
  }

  const get = (path: string) =>
    fetch(`${hub.url}/api/v1${path}`, { headers: { authorization: `Bearer ${hub.key('admin')}` } })
  const ask = async (path: string) => (await get(path)).json()
  const whole = `from=${start}&to=${start + 4 * dayMs}`

  it.skipIf(missing)('is in hours over days, in minutes over an evening, as it is over a few minutes', async () => {
    const days: History = await ask(`/devices/pump-1/readings?metric=temperature,state,running&${whole}&points=50`)
    expect(days.series.temperature).toMatchObject({ tier: 'hour', bucketMs: 2 * hourMs })
    expect((days.series.temperature as BucketSeries).count.slice(0, 3)).toEqual([120, 120, 120])
    expect((days.series.state as BucketSeries).first.slice(0, 2)).toEqual(['on', 'on'])
    expect((days.series.state as BucketSeries).last.slice(0, 2)).toEqual(['off', 'off'])
    expect(days.series.running).toMatchObject({ tier: 'raw', value: [true] })

    const evening: History = await ask(
      `/devices/pump-1/readings?metric=temperature&from=${start}&to=${start + 5 * hourMs}&points=100`,
    )
    expect(evening.series.temperature).toMatchObject({ tier: 'minute', bucketMs: 4 * minuteMs })
    const minutes: History = await ask(
      `/devices/pump-1/readings?metric=temperature&from=${start}&to=${start + 5 * minuteMs}`,
    )
    expect(minutes.series.temperature).toMatchObject({ tier: 'raw', value: [0, 0.01, 0.02, 0.03, 0.04] })
  })

  it.skipIf(missing)('has a reading that comes three days late', async () => {
    const late = start + 2 * hourMs + 30_000
    await send('pump-2', [{ at: late, values: { temperature: 1_000 } }])
    const highest = async (points: number) => {
      const span = `from=${start + 2 * hourMs}&to=${start + 12 * hourMs}`
      const { series }: History = await ask(`/devices/pump-2/readings?metric=temperature&${span}&points=${points}`)
      const found = series.temperature as RawSeries | BucketSeries
      const values = found.tier === 'raw' ? found.value : (found.max ?? [])
      return { tier: found.tier, highest: Math.max(...values.map(Number)) }
    }
    await eventually(async () => (await highest(5)).highest === 1_000)
    expect(await highest(5)).toEqual({ tier: 'hour', highest: 1_000 })
    expect(await highest(300)).toEqual({ tier: 'minute', highest: 1_000 })
    expect(await highest(1_000)).toEqual({ tier: 'raw', highest: 1_000 })
  })

  it.skipIf(missing)('is asked of several devices at once', async () => {
    const { histories }: HistoryList = await ask(
      `/readings?device=pump-2,pump-1&metric=temperature,running&${whole}&points=10`,
    )
    expect(histories.map(({ device, series }) => [device, Object.keys(series)])).toEqual([
      ['pump-2', ['temperature']],
      ['pump-1', ['temperature', 'running']],
    ])
  })

  it.skipIf(missing)('is exported reading by reading, as CSV and as Parquet', async () => {
    const csv = await (await get(`/readings?device=pump-1&format=csv&${whole}`)).text()
    const lines = csv.trimEnd().split('\r\n')
    expect(lines).toHaveLength(1 + 2 * 72 * 60 + 1)
    expect(lines[1]).toBe(`pump-1,temperature,${start},${new Date(start).toISOString()},0`)

    const parquet = await get(`/readings?device=pump-1&format=parquet&${whole}`)
    const file = join(hub.dataDir, 'test.parquet')
    await writeFile(file, Buffer.from(await parquet.arrayBuffer()))
    const database = await DuckDBInstance.create(':memory:')
    const connection = await database.connect()
    const found = await connection.runAndReadAll(
      `SELECT metric, count(*)::INTEGER, count(number)::INTEGER, count(boolean)::INTEGER, count(text)::INTEGER, epoch_ms(min("at"))::DOUBLE
         FROM '${file}' GROUP BY metric ORDER BY metric`,
    )
    expect(found.getRowsJS()).toEqual([
      ['running', 1, 0, 1, 0, start + 80 * hourMs],
      ['state', 4_320, 0, 0, 4_320, start],
      ['temperature', 4_320, 4_320, 0, 0, start],
    ])
    connection.closeSync()
    database.closeSync()
  })

  it.skipIf(missing)('says since when a device is not heard, also after a restart of the hub', async () => {
    const device = await openDevice(hub.url, hub.key('gateway'), 'door-1')
    device.send({ type: 'readings', seq: 1, readings: [{ values: { open: true } }] })
    await device.next('ack')
    device.close()
    await eventually(async () => (await ask('/devices/door-1')).presence.status === 'offline')
    const lastSeenAt: number = (await ask('/devices/door-1')).presence.lastSeenAt
    await hub.restart()

    const gap = await eventually(async () => {
      const history: History = await ask(`/devices/door-1/readings?from=${lastSeenAt - minuteMs}&to=${Date.now()}`)
      return history.gaps.find(({ reason }) => reason === 'device-offline')
    })
    expect(gap.from - lastSeenAt).toBeGreaterThanOrEqual(0)
    expect(gap.from - lastSeenAt).toBeLessThan(5_000)
  })
})
