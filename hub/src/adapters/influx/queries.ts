// What history asks of InfluxDB, and the shape its answers are given.

import { StoreError } from '../../core/errors.ts'
import type { Buckets, Points, Series } from '../../core/ports.ts'
import type { Latest, MetricType, Value } from '../../protocol/index.ts'
import { createFields, type Fields, metricOf } from './fields.ts'
import { everyMs, fromTelemetry, identifier, limit, ofDevice, within } from './influxql.ts'
import { decodeName } from './line-protocol.ts'
import type { Ask, Table } from './query.ts'

/** Statements of one request, and devices of one statement; keeps requests and answers small. */
const statementsPerRequest = 100
const devicesPerStatement = 100

/** No more readings than this in a bucket can overflow once they are divided by it. */
const overflowScale = 1e16

export interface Field {
  readonly key: string
  readonly type: MetricType
}

export async function readFields(ask: Ask): Promise<Fields> {
  const [tables = []] = await ask(`SHOW FIELD KEYS ${fromTelemetry}`)
  return createFields(rowsOf(tables).map(([key, type]) => [String(key), String(type)]))
}

/** Of the keys that a metric may be under, the one that this device wrote to last. */
export async function newestOf(ask: Ask, device: string, fields: readonly Field[]): Promise<Field | undefined> {
  if (fields.length < 2) return fields[0]
  const newest = await lastOfEach(ask, device, fields)
  return newest.sort((a, b) => b.at - a.at)[0]?.field
}

export async function readRaw(
  ask: Ask,
  device: string,
  { key }: Field,
  range: { from: number; to: number; limit: number },
): Promise<Points> {
  const where = `WHERE ${ofDevice(device)} AND ${within(range)}`
  const [tables = []] = await ask(`SELECT ${identifier(key)} ${fromTelemetry} ${where} ${limit(range.limit)}`)
  const rows = rowsOf(tables)
  return { at: rows.map(([at]) => asNumber(at)), value: rows.map(([, value]) => asValue(value)) }
}

export async function readBuckets(
  ask: Ask,
  device: string,
  { key, type }: Field,
  range: { from: number; to: number; bucketMs: number },
): Promise<Buckets> {
  const field = identifier(key)
  const where = `${fromTelemetry} WHERE ${ofDevice(device)} AND ${within(range)}`
  const every = everyMs(range.bucketMs)
  const always = `count(${field}), last(${field})`
  switch (type) {
    case 'number': {
      const figures = `SELECT ${always}, min(${field}), max(${field})`
      try {
        const [tables = []] = await ask(`${figures}, mean(${field}) ${where} ${every}`)
        return numberBuckets(rowsOf(tables))
      } catch (error) {
        if (!isOverflow(error)) throw error
        // The sum of huge values is infinite, for which InfluxDB has no JSON: take the mean of smaller ones.
        const [tables = [], smaller = []] = await ask(
          `${figures} ${where} ${every}`,
          `SELECT mean(small) FROM (SELECT ${field} / ${overflowScale} AS small ${where}) WHERE ${within(range)} ${every}`,
        )
        return scaledBuckets(rowsOf(tables), rowsOf(smaller))
      }
    }
    case 'boolean': {
      // InfluxQL has no mean of booleans, but it can count the true ones.
      const [all = [], yes = []] = await ask(
        `SELECT ${always} ${where} ${every}`,
        `SELECT count(${field}) ${where} AND ${field} = true ${every}`,
      )
      return booleanBuckets(rowsOf(all), rowsOf(yes))
    }
    case 'string': {
      const [tables = []] = await ask(`SELECT ${always} ${where} ${every}`)
      return countAndLast(rowsOf(tables))
    }
  }
}

export async function readLatest(ask: Ask, device: string): Promise<Record<string, Latest>> {
  const [tables = []] = await ask(`SELECT last(*) ${fromTelemetry} WHERE ${ofDevice(device)}`)
  const fields = tables.flatMap(fieldsOf)
  const newest = await lastOfEach(ask, device, fields)
  const latest: Record<string, Latest> = {}
  for (const { field, at, value } of newest.sort((a, b) => a.at - b.at)) latest[metricOf(field.key)] = { at, value }
  return latest
}

export async function readSeries(ask: Ask): Promise<Series[]> {
  const [tables = []] = await ask(`SHOW TAG VALUES ${fromTelemetry} WITH KEY = "device"`)
  const devices = rowsOf(tables).map(([, device]) => decodeName(String(device)))
  const found: Series[] = []
  for (const some of slices(devices, devicesPerStatement)) {
    const [each = []] = await ask(
      `SELECT last(*) ${fromTelemetry} WHERE ${some.map(ofDevice).join(' OR ')} GROUP BY "device"`,
    )
    for (const table of each) {
      const device = decodeName(table.tags.device ?? '')
      for (const { key, type } of fieldsOf(table)) found.push({ device, metric: metricOf(key), type })
    }
  }
  return found
}

interface Last {
  readonly field: Field
  readonly at: number
  readonly value: Value
}

/** One statement each: only a single `last()` answers with the time of its reading. */
async function lastOfEach(ask: Ask, device: string, fields: readonly Field[]): Promise<Last[]> {
  const found: Last[] = []
  for (const some of slices(fields, statementsPerRequest)) {
    const results = await ask(
      ...some.map(({ key }) => `SELECT last(${identifier(key)}) ${fromTelemetry} WHERE ${ofDevice(device)}`),
    )
    some.forEach((field, i) => {
      const [row] = rowsOf(results[i] ?? [])
      if (row) found.push({ field, at: asNumber(row[0]), value: asValue(row[1]) })
    })
  }
  return found
}

/** `SELECT last(*)` has a column `last_<key>` for every field of the measurement, null where the device has none. */
function fieldsOf({ columns, rows }: Table): Field[] {
  const [row = []] = rows
  return columns.flatMap((column, i) => {
    const value = row[i]
    if (!column.startsWith('last_') || value === null || value === undefined) return []
    return [{ key: column.slice('last_'.length), type: typeof asValue(value) as MetricType }]
  })
}

function countAndLast(rows: readonly (readonly unknown[])[]) {
  return {
    at: rows.map(([at]) => asNumber(at)),
    count: rows.map(([, count]) => asNumber(count)),
    last: rows.map(([, , last]) => asValue(last)),
  }
}

function numberBuckets(rows: readonly (readonly unknown[])[]): Buckets {
  const min = rows.map((row) => asNumber(row[3]))
  const max = rows.map((row) => asNumber(row[4]))
  const mean = rows.map((row) => asNumber(row[5]))
  return { ...countAndLast(rows), min, max, mean }
}

function scaledBuckets(rows: readonly (readonly unknown[])[], smaller: readonly (readonly unknown[])[]): Buckets {
  const means = smaller.map(([, mean]) => asNumber(mean) * overflowScale)
  const bounded = rows.map((row, i) => Math.min(Math.max(means[i] ?? 0, asNumber(row[3])), asNumber(row[4])))
  return numberBuckets(rows.map((row, i) => [...row, bounded[i]]))
}

function booleanBuckets(all: readonly (readonly unknown[])[], yes: readonly (readonly unknown[])[]): Buckets {
  const trueAt = new Map(yes.map(([at, count]) => [asNumber(at), asNumber(count)]))
  const always = countAndLast(all)
  const trues = always.at.map((at) => trueAt.get(at) ?? 0)
  return {
    ...always,
    min: trues.map((count, i) => (count === always.count[i] ? 1 : 0)),
    max: trues.map((count) => (count > 0 ? 1 : 0)),
    mean: trues.map((count, i) => count / (always.count[i] ?? 1)),
  }
}

function isOverflow(error: unknown): boolean {
  return error instanceof StoreError && error.message.includes('unsupported value')
}

function rowsOf(tables: readonly Table[]): (readonly unknown[])[] {
  return tables.flatMap(({ rows }) => rows)
}

function asNumber(value: unknown): number {
  if (typeof value === 'number') return value
  throw new StoreError('unavailable', `InfluxDB answered ${JSON.stringify(value)} where a number belongs`)
}

function asValue(value: unknown): Value {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value
  throw new StoreError('unavailable', `InfluxDB answered ${JSON.stringify(value)} where a value belongs`)
}

function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}
