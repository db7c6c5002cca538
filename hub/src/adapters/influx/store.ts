// The series store on InfluxDB 1, 2 and 3: line protocol in, InfluxQL out, the mark in a file beside the journal.

import { StoreError } from '../../core/errors.ts'
import type { Batch, Log, SeriesStore } from '../../core/ports.ts'
import type { Settings } from './faults.ts'
import type { Fields } from './fields.ts'
import { createHttp } from './http.ts'
import { fromTelemetry, identifier, ofDevice, within } from './influxql.ts'
import { encodeName, measurement, toLines } from './line-protocol.ts'
import { openMarkFile } from './mark.ts'
import { type Field, newestOf, readBuckets, readFields, readLatest, readRaw, readSeries } from './queries.ts'
import { createAsk } from './query.ts'
import { type Target, writeLines } from './write.ts'

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
  const askNow = createAsk(http, { database: database ?? bucket, setting: settings.database })
  const target: Target = database === undefined ? { org, bucket } : { database }
  /** For writing only. */
  let fields: Fields | undefined
  let created = database === undefined
  let closed = false

  /** InfluxDB 1 can make its database itself; whoever may not do that has one already. */
  async function ready() {
    if (closed) throw new StoreError('unavailable', 'the store is closed')
    if (created) return
    try {
      await askNow(`CREATE DATABASE ${identifier(database ?? bucket)}`)
    } catch (error) {
      if (!(error instanceof StoreError) || error.fault !== 'misconfigured') throw error
      log?.debug('database not created', { error })
    }
    created = true
  }

  async function ask(...statements: string[]) {
    await ready()
    return askNow(...statements)
  }

  async function send(batches: readonly Batch[]): Promise<void> {
    fields ??= await readFields(ask)
    const lines = toLines(batches, fields.keyFor)
    if (lines !== '') await writeLines(http, target, lines)
  }

  /** The field that holds a metric of a device; asked each time, because another hub may write to the same database. */
  async function ofField<T>(device: string, metric: string, empty: T, read: (field: Field) => Promise<T>): Promise<T> {
    const present = await readFields(ask)
    const field = await newestOf(ask, device, present.keysOf(metric))
    return field ? read(field) : empty
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

    raw: async (device, metric, range) =>
      ofField(device, metric, { at: [], value: [] }, (field) => readRaw(ask, device, field, range)),

    buckets: async (device, metric, range) =>
      ofField(device, metric, { at: [], count: [], last: [] }, (field) => readBuckets(ask, device, field, range)),

    latest: async (device) => readLatest(ask, device),

    async forget(device) {
      await ready()
      if (database !== undefined) return void (await ask(`DELETE ${fromTelemetry} WHERE ${ofDevice(device)}`))
      const path = `/api/v2/delete?org=${encodeURIComponent(org)}&bucket=${encodeURIComponent(bucket)}`
      const predicate = `_measurement="${measurement}" AND device="${encodeName(device)}"`
      const body = JSON.stringify({ start: '1970-01-01T00:00:00Z', stop: '2262-04-11T00:00:00Z', predicate })
      await http.request(path, body, { method: 'POST', headers: { 'content-type': 'application/json' }, expect: 204 })
    },

    // A question about 1970 costs nothing, and unlike SHOW it fails when there is no database.
    check: async () => void (await ask(`SELECT "any" ${fromTelemetry} WHERE ${within({ from: 0, to: 1 })}`)),

    async close() {
      closed = true
      http.close()
    },
  }
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
