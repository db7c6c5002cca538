// What history asks of InfluxDB, and the shape its answers are given.

import type { Points, Series } from '../../core/ports.ts'
import type { Latest, MetricType, Value } from '../../protocol/index.ts'
import { createFields, type Fields, metricOf } from './fields.ts'
import { fromHours, fromTelemetry, identifier, limit, ofDevice, within } from './influxql.ts'
import { decodeName } from './line-protocol.ts'
import type { Ask, Table } from './query.ts'
import { asNumber, asValue, rowsOf, slices } from './rows.ts'

/** Statements of one request, and devices of one statement; keeps requests and answers small. */
const statementsPerRequest = 100
const devicesPerStatement = 100

export interface Field {
  readonly key: string
  readonly type: MetricType
}

export async function readFields(ask: Ask): Promise<Fields> {
  const [present = [], expired = []] = await ask(`SHOW FIELD KEYS ${fromTelemetry}`, `SHOW FIELD KEYS ${fromHours}`)
  const typed = (tables: readonly Table[]) => rowsOf(tables).map(([key, type]) => [String(key), String(type)] as const)
  const left = typed(expired).flatMap(([name, type]) => {
    const key = keyOfTier(name)
    return key === undefined ? [] : [[key, type] as const]
  })
  return createFields([...left, ...typed(present)])
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
  return pointsOf(tables)
}

/** All readings of each series, or undefined where there are more than `atMost`. */
export async function readFew(
  ask: Ask,
  asked: readonly { device: string; field: Field }[],
  { from, to, atMost }: { from: number; to: number; atMost: number },
): Promise<(Points | undefined)[]> {
  const answers: (Points | undefined)[] = []
  for (const some of slices(asked, statementsPerRequest)) {
    const results = await ask(
      ...some.map(({ device, field }) => {
        const where = `WHERE ${ofDevice(device)} AND ${within({ from, to })}`
        return `SELECT ${identifier(field.key)} ${fromTelemetry} ${where} ${limit(atMost + 1)}`
      }),
    )
    for (const tables of results) {
      const points = pointsOf(tables)
      answers.push(points.at.length > atMost ? undefined : points)
    }
  }
  return answers
}

function pointsOf(tables: readonly Table[]): Points {
  const rows = rowsOf(tables)
  return { at: rows.map(([at]) => asNumber(at)), value: rows.map(([, value]) => asValue(value)) }
}

export async function readLatest(ask: Ask, device: string): Promise<Record<string, Latest>> {
  const [tables = []] = await ask(`SELECT last(*) ${fromTelemetry} WHERE ${ofDevice(device)}`)
  const fields = tables.flatMap(fieldsOf)
  const newest = await lastOfEach(ask, device, fields)
  const latest: Record<string, Latest> = {}
  for (const { field, at, value } of newest.sort((a, b) => a.at - b.at)) latest[metricOf(field.key)] = { at, value }
  return latest
}

/** All that have readings, or hours that are left of them. */
export async function readSeries(ask: Ask): Promise<Series[]> {
  const found = new Map<string, Series>()
  for (const source of [fromHours, fromTelemetry]) {
    const [tables = []] = await ask(`SHOW TAG VALUES ${source} WITH KEY = "device"`)
    const devices = rowsOf(tables).map(([, device]) => decodeName(String(device)))
    for (const some of slices(devices, devicesPerStatement)) {
      const [each = []] = await ask(
        `SELECT last(*) ${source} WHERE ${some.map(ofDevice).join(' OR ')} GROUP BY "device"`,
      )
      for (const table of each) {
        const device = decodeName(table.tags.device ?? '')
        for (const { key: name, type } of fieldsOf(table)) {
          const key = source === fromHours ? keyOfTier(name) : name
          if (key === undefined) continue
          const metric = metricOf(key)
          found.set(JSON.stringify([device, metric, type]), { device, metric, type })
        }
      }
    }
  }
  return [...found.values()]
}

/** Of the fields of a tier the one with the last value has the type of the metric; undefined for the others. */
function keyOfTier(name: string): string | undefined {
  return name.endsWith(':last') ? name.slice(0, -':last'.length) : undefined
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
