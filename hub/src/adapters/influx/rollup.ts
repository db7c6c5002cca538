// Leaves minutes and hours behind of readings that have outlived their retention, then deletes them.

import { StoreError } from '../../core/errors.ts'
import type { Kept } from '../../core/ports.ts'
import type { Value } from '../../protocol/index.ts'
import { everyMs, fromHours, fromMinutes, fromTelemetry, identifier, ofDevice, within } from './influxql.ts'
import { decodeName, fieldValue, hourMeasurement, measurement, minuteMeasurement } from './line-protocol.ts'
import type { Ask, Table } from './query.ts'
import { asNumber, rowsOf, slices } from './rows.ts'

export interface RollupParts {
  readonly ask: Ask
  readonly write: (lines: string) => Promise<void>
  /** Deletes everything of a measurement before a time. */
  readonly remove: (measurement: string, before: number) => Promise<void>
}

const minuteMs = 60_000
const hourMs = 3_600_000
const dayMs = 24 * hourMs
const devicesPerStatement = 50
/** The largest number that InfluxDB can keep in place of an infinite sum; the mean is bounded by lowest and highest anyway. */
const largest = Number.MAX_VALUE

/**
 * What is kept how finely, as InfluxDB itself shows: readings before the end of the last hour that was rolled up are on their way
 * out. `ever`: nothing is kept before, by a retention policy that someone else has set.
 */
export async function readKept(ask: Ask, ever: number): Promise<Kept> {
  const [lastHour = [], firstMinute = [], firstHour = []] = await ask(
    `SELECT * ${fromHours} ORDER BY time DESC LIMIT 1`,
    `SELECT * ${fromMinutes} LIMIT 1`,
    `SELECT * ${fromHours} LIMIT 1`,
  )
  const raw = timeOf(lastHour)
  if (raw === undefined) return { raw: ever, minute: ever, hour: ever }
  const oldestMinute = timeOf(firstMinute) ?? raw + hourMs
  const hoursAreOlder = (timeOf(firstHour) ?? raw) < floor(oldestMinute, hourMs)
  const minute = hoursAreOlder ? floor(oldestMinute, hourMs) : Number.NEGATIVE_INFINITY
  return { raw: Math.max(raw + hourMs, ever), minute: Math.max(minute, ever), hour: ever }
}

/** One hour of readings, one day of minutes. Resolves with whether more is left to do. */
export async function expireStep(
  parts: RollupParts,
  before: Pick<Kept, 'raw' | 'minute'>,
  kept: Kept,
): Promise<boolean> {
  const rawLeft = await expireReadings(parts, floor(before.raw, hourMs), kept.raw)
  const minutesLeft = await expireMinutes(parts, Math.min(floor(before.minute, hourMs), kept.raw))
  return rawLeft || minutesLeft
}

async function expireReadings({ ask, write, remove }: RollupParts, before: number, rolledTo: number): Promise<boolean> {
  const oldest = await oldestOf(ask, fromTelemetry, before)
  if (oldest === undefined) return false
  const hour = { from: floor(oldest, hourMs), to: floor(oldest, hourMs) + hourMs }
  if (hour.from >= rolledTo) {
    await write((await linesOf(ask, hour, minuteMs)).join('\n'))
    // With these the hour counts as rolled up: they go last, and all at once.
    await write((await linesOf(ask, hour, hourMs)).join('\n'))
  }
  await remove(measurement, hour.to)
  return hour.to < before
}

async function expireMinutes({ ask, remove }: RollupParts, before: number): Promise<boolean> {
  if (!Number.isFinite(before)) return false
  const oldest = await oldestOf(ask, fromMinutes, before)
  if (oldest === undefined) return false
  const to = Math.min(before, floor(oldest, hourMs) + dayMs)
  await remove(minuteMeasurement, to)
  return to < before
}

/** A line a device and bucket; the fields are `<key>:count`, `:first`, `:last`, and for all but texts `:min`, `:max`, `:sum`. */
async function linesOf(ask: Ask, span: { from: number; to: number }, widthMs: number): Promise<string[]> {
  const name = widthMs === hourMs ? hourMeasurement : minuteMeasurement
  const lines: string[] = []
  const [tags = []] = await ask(`SHOW TAG VALUES ${fromTelemetry} WITH KEY = "device"`)
  const devices = rowsOf(tags).map(([, device]) => decodeName(String(device)))
  for (const some of slices(devices, devicesPerStatement)) {
    const where = `${fromTelemetry} WHERE (${some.map(ofDevice).join(' OR ')}) AND ${within(span)}`
    const every = everyMs(widthMs, 'device')
    const [tables = []] = await ask(
      `SELECT count(*), first(*), last(*), min(*), max(*), sum(*) ${where} ${every}`,
    ).catch(async (error) => {
      // min, max and sum of nothing but texts and booleans are an error.
      if (!(error instanceof StoreError) || !/unsupported|aggregate|no fields/i.test(error.message)) throw error
      return ask(`SELECT count(*), first(*), last(*) ${where} ${every}`)
    })
    const trues = await countTrue(ask, tables, where, every)
    for (const table of tables) lines.push(...linesOfTable(table, name, trues))
  }
  return lines
}

/** For booleans: how many are true, by device, key and time. */
async function countTrue(
  ask: Ask,
  tables: readonly Table[],
  where: string,
  every: string,
): Promise<Map<string, number>> {
  const keys = new Set(tables.flatMap((table) => keysOf(table).filter((key) => isBoolean(table, key))))
  const counts = new Map<string, number>()
  for (const key of keys) {
    const [found = []] = await ask(`SELECT count(${identifier(key)}) ${where} AND ${identifier(key)} = true ${every}`)
    for (const { tags, rows } of found)
      for (const [at, count] of rows) counts.set(`${tags.device} ${key} ${at}`, asNumber(count))
  }
  return counts
}

function linesOfTable({ tags, columns, rows }: Table, name: string, trues: ReadonlyMap<string, number>): string[] {
  const device = tags.device ?? ''
  const keys = keysOf({ tags, columns, rows })
  return rows.flatMap((row) => {
    const at = asNumber(row[0])
    const cell = (figure: string, key: string) => row[columns.indexOf(`${figure}_${key}`)]
    const fields = keys.flatMap((key) => {
      const count = cell('count', key)
      const last = cell('last', key)
      if (typeof count !== 'number' || count === 0 || last === null || last === undefined) return []
      const always = { count, first: cell('first', key) as Value, last: last as Value }
      return Object.entries({ ...always, ...figuresOf(key) }).map(
        ([figure, value]) => `${key}:${figure}=${fieldValue(value)}`,
      )

      function figuresOf(of: string): Record<string, Value> {
        if (typeof last === 'string') return {}
        if (typeof last === 'boolean') {
          const sum = trues.get(`${device} ${of} ${at}`) ?? 0
          return { min: sum === count ? 1 : 0, max: sum > 0 ? 1 : 0, sum }
        }
        const sum = Number(cell('sum', of))
        const bounded = Number.isFinite(sum) ? sum : largest
        return { min: cell('min', of) as number, max: cell('max', of) as number, sum: bounded }
      }
    })
    return fields.length > 0 ? [`${name},device=${device} ${fields.join(',')} ${at}`] : []
  })
}

function keysOf({ columns }: Table): string[] {
  return columns.flatMap((column) => (column.startsWith('count_') ? [column.slice('count_'.length)] : []))
}

function isBoolean({ columns, rows }: Table, key: string): boolean {
  const place = columns.indexOf(`last_${key}`)
  return rows.some((row) => typeof row[place] === 'boolean')
}

async function oldestOf(ask: Ask, source: string, before: number): Promise<number | undefined> {
  const [tables = []] = await ask(
    `SELECT * ${source} WHERE ${within({ from: Number.NEGATIVE_INFINITY, to: before })} LIMIT 1`,
  )
  return timeOf(tables)
}

function timeOf(tables: readonly Table[]): number | undefined {
  const [row] = rowsOf(tables)
  return row && asNumber(row[0])
}

const floor = (at: number, widthMs: number) => Math.floor(at / widthMs) * widthMs
