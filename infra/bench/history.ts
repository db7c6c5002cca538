// Measures history: the embedded store against InfluxDB 1.6, same data, same run. `npx tsx --conditions source infra/bench/history.ts`

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { daily } from '../../devices-sim/src/signals/daily.ts'
import { noisy, wander } from '../../devices-sim/src/signals/noise.ts'
import { createRandom } from '../../devices-sim/src/signals/random.ts'
import { openDuckdbStore } from '../../hub/src/adapters/duckdb/store.ts'
import { openInfluxStore } from '../../hub/src/adapters/influx/store.ts'
import { systemClock } from '../../hub/src/adapters/system/clock.ts'
import type { Devices } from '../../hub/src/core/devices.ts'
import { createHistory } from '../../hub/src/core/history/history.ts'
import type { Batch, SeriesStore } from '../../hub/src/core/ports.ts'
import { programOf } from '../services/available.ts'
import { freePort } from '../services/free-port.ts'
import { startServer } from '../services/server.ts'

const { values: options } = parseArgs({
  options: {
    /** Of one metric at 1 Hz. */
    days: { type: 'string', default: '30' },
    /** Of the question about many devices: one reading a minute each. */
    devices: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '15' },
  },
})
const days = Number(options.days)
const many = Number(options.devices)
const rounds = Number(options.rounds)

const dayMs = 86_400_000
const end = Math.floor(Date.now() / 60_000) * 60_000
const start = end - days * dayMs
/** What the recorder writes at once when it has a backlog. */
const backlogWrite = 20_000
const metrics = ['temperature', 'pressure', 'flow', 'power', 'level']
const random = createRandom('second')
let position = 0

interface Opponent {
  readonly name: string
  readonly store: SeriesStore
  /** Of all processes that work for it, in seconds. */
  cpu(): Promise<number>
  /** On disk, once it has settled. */
  bytes(): Promise<number>
}

const folder = await mkdtemp(join(tmpdir(), 'telehub-bench-'))
const influx = await startBenchInflux()
try {
  const opponents = [await duckdb(), await influxdb()]
  await load(opponents)
  await small(opponents)
  await questions(opponents)
  for (const { store } of opponents) await store.close()
} finally {
  await influx.stop()
  await rm(folder, { recursive: true, force: true })
}

/** 30 days of one metric at 1 Hz in the writes of a backlog; then many devices at one reading a minute. */
async function load(opponents: readonly Opponent[]) {
  const batches = [...seconds()]
  for (const { name, store, cpu, bytes } of opponents) {
    const cpuBefore = await cpu()
    const began = performance.now()
    await writeAll(store, batches)
    const wall = (performance.now() - began) / 1_000
    const used = (await cpu()) - cpuBefore
    const count = batches.reduce((sum, batch) => sum + batch.count, 0)
    const size = await bytes()
    print(`${name}: ${days} days at 1 Hz, one metric`, {
      readings: count,
      'readings/s': Math.round(count / wall),
      'µs CPU a reading': round((used / count) * 1e6, 2),
      'bytes a reading': round(size / count, 2),
    })
  }
  for (const { store } of opponents) await writeAll(store, fleet())
}

/** 200 devices with five metrics each at 1 Hz, one write a second, as a calm hub does it. */
async function small(opponents: readonly Opponent[]) {
  const writes = 600
  for (const [i, opponent] of [...opponents, ...opponents].entries()) {
    const name = (device: number) => `bench-${i}-${device}`
    const batches = Array.from({ length: writes }, (_, second) =>
      fleetSecond(end + (i * writes + second) * 1_000, name),
    )
    const { store, cpu } = opponent
    for (const batch of batches.slice(0, 20)) await write(store, batch)
    const cpuBefore = await cpu()
    for (const batch of batches.slice(20)) await write(store, batch)
    const used = (await cpu()) - cpuBefore
    const count = batches
      .slice(20)
      .flat()
      .reduce((sum, batch) => sum + batch.count, 0)
    print(`${opponent.name}: 1,000 readings a write`, { 'µs CPU a reading': round((used / count) * 1e6, 2) })
  }
}

async function questions(opponents: readonly Opponent[]) {
  const deviceIds = Array.from({ length: many }, (_, i) => `meter-${i}`)
  const asks = opponents.flatMap(({ name, store }): { name: string; ask: () => Promise<void> }[] => {
    const history = historyOn(store)
    const one = { device: 'pump-1', metrics: ['temperature'], from: start, to: end, points: 1_000 }
    const all = { devices: deviceIds, metrics: ['power'], from: start, to: end, points: 300 }
    return [
      { name: `${name}: ${days} days at 1 Hz to 1,000 buckets`, ask: async () => void (await history.range(one)) },
      { name: `${name}: ${many} devices to 300 buckets`, ask: async () => void (await history.ranges(all)) },
      {
        name: `${name}: every reading of the last 15 minutes`,
        ask: async () => void (await history.range({ ...one, from: end - 900_000 })),
      },
    ]
  })
  asks.push({ name: 'influxdb, its own answer: GROUP BY time over all readings', ask: groupByTime })
  const times = new Map(asks.map(({ name }) => [name, [] as number[]]))
  // In turn, so that a busy moment of the machine meets all.
  for (let round = 0; round < rounds + 2; round++) {
    for (const { name, ask } of asks) {
      const began = performance.now()
      // An answer that does not come in time counts as one that never does.
      const isAnswered = await ask().then(
        () => true,
        () => false,
      )
      if (round >= 2) times.get(name)?.push(isAnswered ? performance.now() - began : Number.POSITIVE_INFINITY)
    }
  }
  for (const [name, ms] of times) {
    const sorted = ms.sort((a, b) => a - b)
    const at = (share: number) => round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0, 2)
    print(name, { 'ms median': at(0.5), least: at(0), most: at(1) })
  }
}

async function groupByTime() {
  const everyMs = Math.ceil((end - start) / 999)
  const figures = ['min', 'max', 'mean', 'count', 'first', 'last'].map((name) => `${name}(temperature)`).join(', ')
  const q = `SELECT ${figures} FROM telemetry WHERE device = 'pump-1' AND time >= ${start}ms AND time < ${end}ms GROUP BY time(${everyMs}ms)`
  const answer = await fetch(`${influx.url}/query?db=bench&epoch=ms`, {
    method: 'POST',
    body: new URLSearchParams({ q }),
  })
  await answer.json()
}

function historyOn(store: SeriesStore) {
  const types = new Map([
    ['temperature', 'number'],
    ['power', 'number'],
  ])
  const devices = { get: () => ({ presence: {} }), open: () => ({ types }) } as unknown as Devices
  const files = { parquet: async () => Promise.reject(new Error('not measured here')) }
  const deadLetters = { count: 0, list: () => [] }
  return createHistory({ store, devices, life: { gaps: async () => [] }, deadLetters, files, clock: systemClock })
}

async function duckdb(): Promise<Opponent> {
  const file = join(folder, 'series.duckdb')
  let store = await openDuckdbStore({ file })
  return {
    name: 'duckdb',
    get store() {
      return store
    },
    cpu: async () => ownCpu(),
    async bytes() {
      // Closing brings everything into the one file.
      await store.close()
      const { blocks } = await stat(file)
      store = await openDuckdbStore({ file })
      return blocks * 512
    },
  }
}

async function influxdb(): Promise<Opponent> {
  const store = await openInfluxStore({
    url: influx.url,
    bucket: '',
    database: 'bench',
    markFile: join(folder, 'mark'),
  })
  return {
    name: 'influxdb 1.6',
    store,
    cpu: async () => ownCpu() + (await cpuOf(influx.pid)),
    async bytes() {
      // Its compaction works in the background; all is compacted when the log is empty and the files stand still.
      let before = -1
      for (let i = 0, still = 0; i < 180 && still < 8; i++) {
        await wait(1_000)
        const size = await sizeOf(join(influx.data, 'data'))
        const isLogged = (await sizeOf(join(influx.data, 'wal'))) < 100_000
        still = isLogged && size === before ? still + 1 : 0
        before = size
      }
      return before
    },
  }
}

/** As Debian's, but compacts at once what is not written any more, instead of after hours. */
async function startBenchInflux() {
  const url = `http://127.0.0.1:${await freePort()}`
  const rpcPort = await freePort()
  let data = ''
  const server = await startServer({
    program: programOf('influxdb'),
    async prepare(place) {
      data = place
      const file = join(place, 'influxdb.conf')
      await writeFile(
        file,
        `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${place}/meta"
[data]
dir = "${place}/data"
wal-dir = "${place}/wal"
query-log-enabled = false
cache-snapshot-write-cold-duration = "2s"
compact-full-write-cold-duration = "2s"
[monitor]
store-enabled = false
[http]
bind-address = "${new URL(url).host}"
log-enabled = false
`,
      )
      return ['-config', file]
    },
    async probe() {
      if (!(await fetch(`${url}/ping`)).ok) throw new Error('not ready')
    },
  })
  return { ...server, url, data, pid: await pidWith(data) }
}

/** The process that was started with the configuration in this folder. */
async function pidWith(place: string): Promise<number> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (line.includes('influxd') && line.includes(place)) return Number(pid)
  }
  throw new Error('InfluxDB is not among the processes')
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

/** User and system time, proc(5): fields 14 and 15 of `stat`, in ticks of 10 ms. */
async function cpuOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

async function sizeOf(place: string): Promise<number> {
  const entries = await readdir(place, { withFileTypes: true, recursive: true })
  const sizes = entries
    .filter((entry) => entry.isFile())
    // Blocks, because InfluxDB sets files of 4 MB aside that hold nothing yet.
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => ({ blocks: 0 }))).blocks * 512)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

function* seconds(): Generator<Batch> {
  const random = createRandom('bench')
  let weather = 0
  for (let from = start; from < end; from += backlogWrite * 1_000) {
    const at: number[] = []
    const values: number[] = []
    for (let time = from; time < Math.min(from + backlogWrite * 1_000, end); time += 1_000) {
      weather = wander(weather, { mean: 0, deviation: 3, tauMs: 6 * 3_600_000 }, 1_000, random)
      at.push(time + Math.floor(random.between(0, 5)))
      values.push(Math.round(noisy(daily(time, { low: 12, high: 24, peakHour: 15 }) + weather, 0.05, random) * 10) / 10)
    }
    yield batchOf('pump-1', 'temperature', at, values)
  }
}

function* fleet(): Generator<Batch> {
  const random = createRandom('fleet')
  const length = 120
  for (let from = start; from < end; from += length * 60_000) {
    const at = Array.from({ length: Math.min(length, (end - from) / 60_000) }, (_, i) => from + i * 60_000)
    for (let device = 0; device < many; device++)
      yield batchOf(
        `meter-${device}`,
        'power',
        at.map((time) => time + device),
        at.map(() => Math.round(random.between(100, 2_000))),
      )
  }
}

function fleetSecond(at: number, nameOf: (device: number) => string): Batch[] {
  return Array.from({ length: 200 }, (_, device) => ({
    device: nameOf(device),
    receivedAt: at,
    at: [at + device],
    metrics,
    columns: metrics.map((_, m) => [
      Math.round((20 + m + daily(at, { low: 0, high: 5, peakHour: 12 }) + random.next()) * 10) / 10,
    ]),
    count: metrics.length,
  }))
}

function batchOf(device: string, metric: string, at: number[], values: number[]): Batch {
  return { device, receivedAt: at.at(-1) ?? 0, at, metrics: [metric], columns: [values], count: at.length }
}

async function writeAll(store: SeriesStore, batches: Iterable<Batch>) {
  let waiting: Batch[] = []
  let count = 0
  for (const batch of batches) {
    waiting.push(batch)
    count += batch.count
    if (count < backlogWrite) continue
    await write(store, waiting)
    waiting = []
    count = 0
  }
  if (count > 0) await write(store, waiting)
}

async function write(store: SeriesStore, batches: readonly Batch[]) {
  position += 1
  await store.write(batches, { epoch: 'bench', position })
}

function print(name: string, figures: Record<string, number>) {
  const words = Object.entries(figures).map(([what, figure]) => `${what} ${figure.toLocaleString('en')}`)
  process.stdout.write(`${name.padEnd(60)} ${words.join(', ')}\n`)
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
