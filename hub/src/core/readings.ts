// Checks the readings of one message and turns them into columns; a bad value harms only itself.

import { type ErrorCode, limits, MetricName, type MetricType, type Rejection, type Value } from '../protocol/index.ts'
import { HubError } from './errors.ts'
import type { Batch } from './ports.ts'

/** Names that mean something to JavaScript objects, or to a store. */
const objectNames = new Set([
  'constructor',
  'prototype',
  'toString',
  'toLocaleString',
  'valueOf',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
])
const storeNames = new Set(['time', 'device', '_field', '_measurement', '_time', '_value', '_start', '_stop'])

/** Around the largest instant a Date can hold (ECMA-262 §21.4.1.1). */
const lastInstant = 8_640_000_000_000_000

/** The types of a device's metrics. `check` adds those that are new. */
export interface MetricTypes {
  get(metric: string): MetricType | undefined
  set(metric: string, type: MetricType): void
  readonly size: number
}

export interface CheckContext {
  readonly device: string
  readonly types: MetricTypes
  readonly receivedAt: number
  /** The time of readings that have none of their own; `receivedAt` where it is left out. */
  readonly firstAt?: number | undefined
  readonly oldestAt: number
  readonly stream?: string | undefined
  readonly seq?: number | undefined
}

/**
 * `readings`: entries `{at?, values: {metric: value}}`; `at` in epoch ms, hub time where missing. Returns the accepted
 * ones in columns and a rejection for each other. Throws HubError `empty-batch` or `too-many-readings` for the whole.
 */
export function check(readings: readonly unknown[], context: CheckContext): { batch: Batch; rejected: Rejection[] } {
  if (readings.length === 0) throw new HubError('empty-batch', 'The message has no readings.')
  if (readings.length > limits.readingsPerMessage) throw tooMany()

  const types = withNewcomers(context.types)
  const rejected: Rejection[] = []
  const at: number[] = []
  const metrics: string[] = []
  const columns: (Value | null)[][] = []
  let count = 0
  let seen = 0

  for (let index = 0; index < readings.length; index++) {
    const entry = readings[index]
    if (!isReading(entry)) {
      rejected.push({
        index,
        code: 'bad-message',
        detail: 'A reading is an object {"at"?: <epoch ms>, "values": {"<metric>": <value>}}.',
      })
      continue
    }
    const time = instantOf(entry.at, context)
    if (typeof time !== 'number') {
      rejected.push({ index, ...time })
      continue
    }
    let row = -1
    for (const metric of Object.keys(entry.values)) {
      if (++seen > limits.readingsPerMessage) throw tooMany()
      const value = entry.values[metric]
      const refusal = refusalOf(metric, value, types)
      if (refusal) {
        rejected.push({ index, metric, ...refusal })
        continue
      }
      if (row < 0) row = at.push(time) - 1
      put(metrics, columns, metric, row, value as Value)
      count++
    }
  }
  for (const column of columns) while (column.length < at.length) column.push(null)

  types.keep()
  const { device, receivedAt, stream, seq } = context
  return { batch: { device, receivedAt, stream, seq, at, metrics, columns, count }, rejected }
}

/** New names count from their first reading on, but are only kept once the whole message is accepted. */
function withNewcomers(known: MetricTypes): MetricTypes & { keep(): void } {
  const fresh = new Map<string, MetricType>()
  return {
    get: (metric) => known.get(metric) ?? fresh.get(metric),
    set: (metric, type) => fresh.set(metric, type),
    get size() {
      return known.size + fresh.size
    },
    keep() {
      for (const [metric, type] of fresh) known.set(metric, type)
    },
  }
}

function tooMany(): HubError {
  return new HubError(
    'too-many-readings',
    `A message may have ${limits.readingsPerMessage} readings; send the rest in the next one.`,
  )
}

function isReading(entry: unknown): entry is { at?: unknown; values: Record<string, unknown> } {
  if (typeof entry !== 'object' || entry === null) return false
  const { values } = entry as { values?: unknown }
  return typeof values === 'object' && values !== null && !Array.isArray(values)
}

type Refusal = { code: ErrorCode; detail: string }

function instantOf(at: unknown, { receivedAt, firstAt, oldestAt }: CheckContext): number | Refusal {
  if (at === undefined || at === null) return firstAt ?? receivedAt
  if (typeof at !== 'number' || !(Math.abs(at) <= lastInstant)) {
    return { code: 'at-range', detail: '"at" is a number: milliseconds since 1970-01-01 UTC.' }
  }
  if (at > receivedAt + limits.futureMs) {
    return {
      code: 'at-in-future',
      detail: `"at" is ${Math.round((at - receivedAt) / 1000)} s ahead of the hub's clock; ${limits.futureMs / 1000} s are allowed.`,
    }
  }
  if (at < oldestAt) {
    const seconds = at > 0 && at * 1000 > oldestAt && at * 1000 <= receivedAt + limits.futureMs
    return {
      code: 'at-too-old',
      detail: seconds ? '"at" looks like seconds; send milliseconds.' : '"at" is older than the hub keeps readings.',
    }
  }
  return Math.trunc(at)
}

function refusalOf(metric: string, value: unknown, types: MetricTypes): Refusal | undefined {
  const type = typeof value
  if (type !== 'number' && type !== 'boolean' && type !== 'string') {
    return { code: 'value-type', detail: 'A value is a number, a boolean or a text.' }
  }
  if (type === 'number' && !Number.isFinite(value))
    return { code: 'value-not-finite', detail: 'A number must be finite.' }
  if (type === 'string') {
    const refusal = refusalOfText(value as string)
    if (refusal) return refusal
  }
  const known = types.get(metric)
  if (known === type) return undefined
  if (known === undefined) return refusalOfNewMetric(metric, type, types)
  // A text where a number or boolean belongs is a mistake of the sender's format; say so in the words for that.
  if (known === 'boolean' && (value === 'true' || value === 'false')) {
    return { code: 'value-type', detail: `"${metric}" is a boolean; send ${value} without quotes.` }
  }
  return { code: 'type-conflict', detail: `"${metric}" is a ${known} since its first reading; this one is a ${type}.` }
}

function refusalOfText(text: string): Refusal | undefined {
  if (text.length > limits.textBytes)
    return { code: 'value-type', detail: `A text may have ${limits.textBytes} characters.` }
  if (!text.isWellFormed())
    return { code: 'value-type', detail: 'The text has half a surrogate pair; it cannot be stored as UTF-8.' }
}

function refusalOfNewMetric(metric: string, type: MetricType, types: MetricTypes): Refusal | undefined {
  if (storeNames.has(metric))
    return { code: 'reserved-name', detail: `"${metric}" is a reserved name; choose another.` }
  if (objectNames.has(metric) || !MetricName.safeParse(metric).success) {
    return { code: 'bad-name', detail: 'A metric name is a letter, then up to 63 letters, digits, "_", "." or "-".' }
  }
  if (types.size >= limits.metricsPerDevice) {
    return { code: 'cardinality-limit', detail: `A device may have ${limits.metricsPerDevice} metrics.` }
  }
  types.set(metric, type)
}

function put(metrics: string[], columns: (Value | null)[][], metric: string, row: number, value: Value) {
  let place = metrics.indexOf(metric)
  if (place < 0) {
    place = metrics.push(metric) - 1
    columns.push([])
  }
  const column = columns[place] as (Value | null)[]
  while (column.length < row) column.push(null)
  // -0 and 0 are one number to a person; keep the one that every store can give back.
  column.push(value === 0 ? 0 : value)
}
