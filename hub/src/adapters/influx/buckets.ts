// Buckets of one series, asked of single readings where they are still there, else of the minutes and hours left of them.

import { StoreError } from '../../core/errors.ts'
import type { Buckets, Kept } from '../../core/ports.ts'
import type { MetricType, Value } from '../../protocol/index.ts'
import { everyMs, fromHours, fromMinutes, fromTelemetry, identifier, ofDevice, within } from './influxql.ts'
import type { Field } from './queries.ts'
import type { Ask } from './query.ts'
import { asNumber, asValue, type Row, rowsOf } from './rows.ts'

interface BucketSpan {
  readonly from: number
  readonly to: number
  readonly bucketMs: number
}

/** No more readings than this in a bucket can overflow once they are divided by it. */
const overflowScale = 1e16

const minuteMs = 60_000
const hourMs = 3_600_000

export async function readBuckets(
  ask: Ask,
  device: string,
  field: Field,
  { from, to, bucketMs }: BucketSpan,
  kept: Kept,
): Promise<Buckets> {
  const hours = { from: floor(from, hourMs), to: Math.min(ceil(to, hourMs), kept.minute) }
  const minutes = { from: Math.max(floor(from, minuteMs), kept.minute), to: Math.min(ceil(to, minuteMs), kept.raw) }
  const single = { from: Math.max(from, kept.raw), to }
  const parts: Buckets[] = []
  if (hours.from < hours.to) parts.push(await ofTier(ask, fromHours, device, field, { ...hours, bucketMs }))
  if (minutes.from < minutes.to) parts.push(await ofTier(ask, fromMinutes, device, field, { ...minutes, bucketMs }))
  if (single.from < single.to) parts.push(await ofReadings(ask, device, field, { ...single, bucketMs }))
  return parts.length === 1 ? (parts[0] as Buckets) : merge(parts, field.type)
}

export function noBuckets(type?: MetricType): Buckets {
  const always = { at: [], count: [], first: [], last: [] }
  return type === undefined || type === 'string' ? always : { ...always, min: [], max: [], mean: [] }
}

async function ofReadings(ask: Ask, device: string, { key, type }: Field, span: BucketSpan): Promise<Buckets> {
  const field = identifier(key)
  const where = `${fromTelemetry} WHERE ${ofDevice(device)} AND ${within(span)}`
  const every = everyMs(span.bucketMs)
  const always = `count(${field}), first(${field}), last(${field})`
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
          `SELECT mean(small) FROM (SELECT ${field} / ${overflowScale} AS small ${where}) WHERE ${within(span)} ${every}`,
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
      return always3(rowsOf(tables))
    }
  }
}

/** The fields of a tier are named after the key: see rollup.ts. */
async function ofTier(
  ask: Ask,
  source: string,
  device: string,
  { key, type }: Field,
  span: BucketSpan,
): Promise<Buckets> {
  const named = (figure: string) => identifier(`${key}:${figure}`)
  const always = `sum(${named('count')}), first(${named('first')}), last(${named('last')})`
  const figures = type === 'string' ? '' : `, min(${named('min')}), max(${named('max')}), sum(${named('sum')})`
  const [tables = []] = await ask(
    `SELECT ${always}${figures} ${source} WHERE ${ofDevice(device)} AND ${within(span)} ${everyMs(span.bucketMs)}`,
  )
  const rows = rowsOf(tables)
  if (type === 'string') return always3(rows)
  return numberBuckets(
    rows.map((row) => {
      const [count, low, high, sum] = [row[1], row[4], row[5], row[6]].map(asNumber) as [number, number, number, number]
      return [...row.slice(0, 6), Math.min(Math.max(sum / count, low), high)]
    }),
  )
}

/** Parts that follow each other in time; the last bucket of one may be the first of the next. */
function merge(parts: readonly Buckets[], type: MetricType): Buckets {
  const result = noBuckets(type)
  for (const part of parts) {
    for (const [i, at] of part.at.entries()) {
      const last = result.at.length - 1
      if (result.at[last] === at) join(result, last, part, i)
      else append(result, part, i)
    }
  }
  return result
}

function append(result: Buckets, part: Buckets, i: number) {
  result.at.push(part.at[i] as number)
  result.count.push(part.count[i] as number)
  result.first.push(part.first[i] as Value)
  result.last.push(part.last[i] as Value)
  result.min?.push(part.min?.[i] as number)
  result.max?.push(part.max?.[i] as number)
  result.mean?.push(part.mean?.[i] as number)
}

function join(result: Buckets, to: number, part: Buckets, i: number) {
  const before = result.count[to] as number
  const count = before + (part.count[i] as number)
  result.count[to] = count
  result.last[to] = part.last[i] as Value
  if (!result.min || !result.max || !result.mean || !part.min || !part.max || !part.mean) return
  result.min[to] = Math.min(result.min[to] as number, part.min[i] as number)
  result.max[to] = Math.max(result.max[to] as number, part.max[i] as number)
  const share = before / count
  result.mean[to] = (result.mean[to] as number) * share + (part.mean[i] as number) * (1 - share)
}

function always3(rows: readonly Row[]) {
  return {
    at: rows.map(([at]) => asNumber(at)),
    count: rows.map(([, count]) => asNumber(count)),
    first: rows.map(([, , first]) => asValue(first)),
    last: rows.map(([, , , last]) => asValue(last)),
  }
}

function numberBuckets(rows: readonly Row[]): Buckets {
  const min = rows.map((row) => asNumber(row[4]))
  const max = rows.map((row) => asNumber(row[5]))
  const mean = rows.map((row) => asNumber(row[6]))
  return { ...always3(rows), min, max, mean }
}

function scaledBuckets(rows: readonly Row[], smaller: readonly Row[]): Buckets {
  const means = smaller.map(([, mean]) => asNumber(mean) * overflowScale)
  const bounded = rows.map((row, i) => Math.min(Math.max(means[i] ?? 0, asNumber(row[4])), asNumber(row[5])))
  return numberBuckets(rows.map((row, i) => [...row, bounded[i]]))
}

function booleanBuckets(all: readonly Row[], yes: readonly Row[]): Buckets {
  const trueAt = new Map(yes.map(([at, count]) => [asNumber(at), asNumber(count)]))
  const always = always3(all)
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

const floor = (at: number, widthMs: number) => Math.floor(at / widthMs) * widthMs
const ceil = (at: number, widthMs: number) => Math.ceil(at / widthMs) * widthMs
