// The series store on InfluxDB 1, 2 and 3: line protocol in, InfluxQL out, the mark in a file beside the journal.

import { StoreError } from '../../core/errors.ts'
import type { Batch, Kept, Log, SeriesName, SeriesStore } from '../../core/ports.ts'
import { noBuckets, readBuckets } from './buckets.ts'
import type { Settings } from './faults.ts'
import type { Fields } from './fields.ts'
import { createHttp } from './http.ts'
import { fromTelemetry, identifier, ofDevice, within } from './influxql.ts'
import { encodeName, hourMeasurement, measurement, minuteMeasurement, toLines } from './line-protocol.ts'
import { openMarkFile } from './mark.ts'
import { type Field, newestOf, readFew, readFields, readLatest, readRaw, readSeries } from './queries.ts'
import { type Ask, createAsk } from './query.ts'
import { retentionOf } from './retention-policy.ts'
import { expireStep, readKept } from './rollup.ts'
import { type Target, writeLines } from './write.ts'

const questionsAtOnce = 4
const keptForMs = 60_000

/** A `database` means InfluxDB 1, with `username` and `password`; else `token`, `org` and `bucket` are those of 2 or 3. */
export interface InfluxOptions {
  url: string
  token?: string | undefined
  org?: string | undefined
  bucket: string
  database?: string | undefined
  username?: string | undefined
  password?: string | undefined
  markFile: string
  log?: Log | undefined
  timeoutMs?: number
}

/** Opens also while InfluxDB is away: `check()` and `write()` tell. Rejects only when the mark file cannot be read. */
export async function openInfluxStore(options: InfluxOptions): Promise<SeriesStore> {
  const { url, token, org = '', bucket, database, markFile, log, timeoutMs = 10_000 } = options
  const settings = settingsOf(options)
  const mark = await openMarkFile(markFile, log)
  const headers = database === undefined ? {} : basicAuth(options)
  const http = createHttp({ url, ...(database === undefined ? { token } : {}), headers, settings, timeoutMs })
  const asking = createAsk(http, { database: database ?? bucket, setting: settings.database })
  const target: Target = database === undefined ? { org, bucket } : { database }
  /** For writing only. */
  let fields: Fields | undefined
  let created = database === undefined
  let closed = false
  let keptNow: Kept | undefined
  let keptUntil = 0

  /** InfluxDB 1 can make its database itself; whoever may not do that has one already. */
  async function ready() {
    if (closed) throw new StoreError('unavailable', 'the store is closed')
    if (created) return
    try {
      await asking()(`CREATE DATABASE ${identifier(database ?? bucket)}`)
    } catch (error) {
      if (!(error instanceof StoreError) || error.fault !== 'misconfigured') throw error
      log?.debug('database not created', { error })
    }
    created = true
  }

  function askWith(signal?: AbortSignal): Ask {
    return async (...statements) => {
      await ready()
      return asking(signal)(...statements)
    }
  }
  const ask = askWith()

  async function send(batches: readonly Batch[]): Promise<void> {
    fields ??= await readFields(ask)
    const lines = toLines(batches, fields.keyFor)
    if (lines !== '') await writeLines(http, target, lines)
  }

  /** The field that holds each series; asked each time, because another hub may write to the same database. */
  async function fieldsOf(asker: Ask, names: readonly SeriesName[]): Promise<(Field | undefined)[]> {
    const present = await readFields(asker)
    const found: (Field | undefined)[] = []
    for (const { device, metric } of names) found.push(await newestOf(asker, device, present.keysOf(metric)))
    return found
  }

  async function readKeptNow(): Promise<Kept> {
    keptNow = await readKept(ask, await retentionOf(asking(), database ?? bucket))
    keptUntil = Date.now() + keptForMs
    return keptNow
  }

  /** It changes with `expire` only, here or in another hub, and is looked at with every question. */
  async function kept(): Promise<Kept> {
    return keptNow && Date.now() < keptUntil ? keptNow : readKeptNow()
  }

  async function remove(name: string, { before, device }: { before?: number; device?: string }) {
    await ready()
    if (database !== undefined) {
      const conditions = [
        ...(device === undefined ? [] : [ofDevice(device)]),
        ...(before === undefined ? [] : [within({ from: Number.NEGATIVE_INFINITY, to: before })]),
      ]
      return void (await ask(`DELETE FROM ${identifier(name)} WHERE ${conditions.join(' AND ')}`))
    }
    const path = `/api/v2/delete?org=${encodeURIComponent(org)}&bucket=${encodeURIComponent(bucket)}`
    // A nanosecond less, so that it does not matter whether the end is included.
    const stop =
      before === undefined ? '2262-04-11T00:00:00Z' : new Date(before - 1).toISOString().replace('Z', '999999Z')
    const which = device === undefined ? '' : ` AND device="${encodeName(device)}"`
    const body = JSON.stringify({ start: '1970-01-01T00:00:00Z', stop, predicate: `_measurement="${name}"${which}` })
    await http.request(path, body, { method: 'POST', headers: { 'content-type': 'application/json' }, expect: 204 })
  }

  await ready().catch((error) => log?.debug('InfluxDB is not ready yet', { error }))

  return {
    backend: 'influxdb',

    mark: async () => mark.current(),

    async write(batches, upTo) {
      await ready()
      try {
        await send(batches)
      } catch (error) {
        fields = undefined
        if (!isTypeConflict(error)) throw error
        // Another hub, or what is stored from before, has given a field another type than we knew.
        await send(batches)
      }
      await mark.save(upTo)
    },

    series: async () => readSeries(ask),

    async raw(device, metric, { signal, ...span }) {
      const asker = askWith(signal)
      const [field] = await fieldsOf(asker, [{ device, metric }])
      return field ? readRaw(asker, device, field, span) : { at: [], value: [] }
    },

    async few(names, { signal, ...span }) {
      const asker = askWith(signal)
      // What is left of older readings are buckets.
      if (span.from < (await kept()).raw) return names.map(() => undefined)
      const fields = await fieldsOf(asker, names)
      const asked = names.flatMap(({ device }, i) => {
        const field = fields[i]
        return field ? [{ device, field }] : []
      })
      const answers = (await readFew(asker, asked, span)).values()
      return fields.map((field) => (field ? answers.next().value : { at: [], value: [] }))
    },

    async buckets(names, { signal, ...span }) {
      const asker = askWith(signal)
      const keptThen = await kept()
      const fields = await fieldsOf(asker, names)
      return inTurns(names, async ({ device }, i) => {
        const field = fields[i]
        return field ? readBuckets(asker, device, field, span, keptThen) : noBuckets()
      })
    },

    kept,

    async expire(before) {
      try {
        const write = async (lines: string) => (lines === '' ? undefined : writeLines(http, target, lines))
        const removeBefore = async (name: string, time: number) => remove(name, { before: time })
        return await expireStep({ ask, write, remove: removeBefore }, before, await readKeptNow())
      } finally {
        keptNow = undefined
      }
    },

    latest: async (device) => readLatest(ask, device),

    async forget(device) {
      for (const name of [measurement, minuteMeasurement, hourMeasurement]) await remove(name, { device })
    },

    // A question about 1970 costs nothing, and unlike SHOW it fails when there is no database.
    check: async () => void (await ask(`SELECT "any" ${fromTelemetry} WHERE ${within({ from: 0, to: 1 })}`)),

    async close() {
      closed = true
      http.close()
    },
  }
}

/** A few at a time: InfluxDB uses all its cores for one question, and memory for each. */
async function inTurns<T, R>(items: readonly T[], work: (item: T, i: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  async function worker() {
    while (next < items.length) {
      const i = next++
      results[i] = await work(items[i] as T, i)
    }
  }
  await Promise.all(Array.from({ length: questionsAtOnce }, worker))
  return results
}

function settingsOf({ database, username }: InfluxOptions): Settings {
  if (database === undefined) return { login: 'TELEHUB_INFLUX_TOKEN', database: 'TELEHUB_INFLUX_BUCKET' }
  const login = username === undefined ? 'TELEHUB_INFLUX_USERNAME' : 'TELEHUB_INFLUX_PASSWORD'
  return { login, database: 'TELEHUB_INFLUX_DATABASE' }
}

function basicAuth({ username, password = '' }: InfluxOptions): Record<string, string> {
  if (username === undefined) return {}
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

function isTypeConflict(error: unknown): boolean {
  return error instanceof StoreError && error.fault === 'refused' && /field type conflict/i.test(error.message)
}
