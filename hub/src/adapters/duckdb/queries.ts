// What history asks of the embedded store, in SQL with bound parameters only.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { Buckets, Points } from '../../core/ports.ts'
import type { Latest, MetricType, Value } from '../../protocol/index.ts'
import type { KnownSeries } from './catalogue.ts'
import { type Piece, piecesOf } from './pieces.ts'
import type { Tiers } from './schema.ts'
import { preparedFor } from './statements.ts'
import { bucketOf, foldReadings, foldTier, hourMs, type Kind, kindOf, kinds, tablesOf } from './tiers.ts'

interface Range {
  readonly from: number
  readonly to: number
}

/** `undefined` in place of a series that is not there. */
type Asked = readonly (KnownSeries | undefined)[]

export async function readRaw(
  reader: DuckDBConnection,
  series: KnownSeries,
  { filedTo }: Tiers,
  { from, to, limit }: Range & { limit: number },
): Promise<Points> {
  const { recent, filed } = tablesOf(kindOf(series.type))
  // One of the two is mostly out of the range, which is known here for nothing.
  const tables = [from < filedTo && filed, to > filedTo && recent].filter((table) => table !== false)
  const select = (table: string) => `SELECT at_ms, value FROM ${table} WHERE series = $1 AND at_ms >= $2 AND at_ms < $3`
  const [at = [], value = []] = await readColumns(
    reader,
    `SELECT at_ms::DOUBLE, value FROM (${tables.map(select).join(' UNION ALL ')}) ORDER BY at_ms LIMIT $4`,
    [series.id, from, to, limit],
  )
  return { at: at as number[], value: asValues(series.type, value) }
}

/** All readings of the series that have at most `atMost`; their number is known from the tiers. */
export async function readFew(
  reader: DuckDBConnection,
  asked: Asked,
  tiers: Tiers,
  { from, to, atMost }: Range & { atMost: number },
): Promise<(Points | undefined)[]> {
  const points = asked.map((series): Points | undefined => (series ? undefined : { at: [], value: [] }))
  for (const kind of kinds) {
    const ofKind = knownOf(asked, kind)
    if (ofKind.length === 0) continue
    const counts = await countsOf(reader, kind, ofKind, tiers, { from, to })
    const gone =
      from < tiers.rawFrom ? await countsOf(reader, kind, ofKind, tiers, { from, to: tiers.rawFrom }) : undefined
    const few = ofKind.filter(({ id }) => (counts.get(id) ?? 0) <= atMost && !gone?.has(id))
    const byId = await readPoints(reader, kind, few, tiers, { from, to })
    asked.forEach((series, i) => {
      if (series && few.includes(series)) points[i] = byId.get(series.id) ?? { at: [], value: [] }
    })
  }
  return points
}

async function countsOf(
  reader: DuckDBConnection,
  kind: Kind,
  series: readonly KnownSeries[],
  tiers: Tiers,
  range: Range,
) {
  const { sql, values } = unionOf(kind, series, tiers, range, hourMs, ({ table }) =>
    isTier(table) ? 'sum(readings) AS readings' : 'count(*) AS readings',
  )
  const counts = new Map<number, number>()
  if (sql === '') return counts
  const [ids = [], readings = []] = await readColumns(
    reader,
    `SELECT series, sum(readings)::DOUBLE FROM (${sql}) GROUP BY series`,
    values,
  )
  for (const [i, id] of ids.entries()) counts.set(id as number, readings[i] as number)
  return counts
}

async function readPoints(
  reader: DuckDBConnection,
  kind: Kind,
  series: readonly KnownSeries[],
  { filedTo }: Tiers,
  { from, to }: Range,
) {
  const types = new Map(series.map(({ id, type }) => [id, type]))
  const points = new Map<number, Points>()
  if (series.length === 0) return points
  const { recent, filed } = tablesOf(kind)
  const within = `series IN (${placesFor(series, 3)}) AND at_ms >= $1 AND at_ms < $2`
  const tables = [from < filedTo && filed, to > filedTo && recent].filter((table) => table !== false)
  const select = (table: string) => `SELECT series, at_ms, value FROM ${table} WHERE ${within}`
  const [ids = [], at = [], value = []] = await readColumns(
    reader,
    `SELECT series, at_ms::DOUBLE, value FROM (${tables.map(select).join(' UNION ALL ')}) ORDER BY series, at_ms`,
    [from, to, ...series.map(({ id }) => id)],
  )
  for (const [id, begin, end] of runsOf(ids as number[])) {
    const type = types.get(id) ?? 'number'
    points.set(id, { at: at.slice(begin, end) as number[], value: asValues(type, value.slice(begin, end)) })
  }
  return points
}

export async function readBuckets(
  reader: DuckDBConnection,
  asked: Asked,
  tiers: Tiers,
  { from, to, bucketMs }: Range & { bucketMs: number },
): Promise<Buckets[]> {
  const found = new Map<number, Buckets>()
  for (const kind of kinds) {
    const ofKind = knownOf(asked, kind)
    const { sql, values } = unionOf(
      kind,
      ofKind,
      tiers,
      { from, to },
      bucketMs,
      ({ table, from: earliest }) =>
        `${bucketOf(bucketMs, earliest)} AS bucket, ${isTier(table) ? foldTier(kind) : foldReadings(kind)}`,
    )
    if (sql === '') continue
    const figures = kind === 'numbers' ? ', min(lowest), max(highest), sum(total) / sum(readings)' : ''
    const [ids = [], at = [], count = [], first = [], last = [], min = [], max = [], mean = []] = await readColumns(
      reader,
      `SELECT series, bucket::DOUBLE, sum(readings)::DOUBLE, arg_min(first, first_at), arg_max(last, last_at) ${figures}
         FROM (${sql}) GROUP BY series, bucket ORDER BY series, bucket`,
      values,
    )
    const types = new Map(ofKind.map(({ id, type }) => [id, type]))
    for (const [id, begin, end] of runsOf(ids as number[])) {
      const type = types.get(id) ?? 'number'
      const part = <T>(column: Cell[]) => column.slice(begin, end) as T[]
      const always = {
        at: part<number>(at),
        count: part<number>(count),
        first: asValues(type, part(first)),
        last: asValues(type, part(last)),
      }
      found.set(id, kind === 'texts' ? always : { ...always, ...withinRange(part(min), part(max), part(mean)) })
    }
  }
  return asked.map((series) => (series && found.get(series.id)) ?? noBuckets(series?.type))
}

/** Asks once per distinct time: metrics of one message share theirs, and a time leads straight to its rows. */
export async function readLatest(
  reader: DuckDBConnection,
  known: readonly KnownSeries[],
  { filedTo }: Tiers,
): Promise<Record<string, Latest>> {
  const latest: Record<string, Latest> = {}
  const filled = known.filter(({ newest }) => Number.isFinite(newest))
  for (const group of groupBy(filled, ({ type, newest }) => `${kindOf(type)} ${newest}`)) {
    const [{ type, newest }] = group as [KnownSeries]
    const { recent, filed } = tablesOf(kindOf(type))
    const [ids = [], values = []] = await readColumns(
      reader,
      `SELECT series, value FROM ${newest < filedTo ? filed : recent} WHERE at_ms = $1 AND series IN (${placesFor(group, 2)})`,
      [newest, ...group.map(({ id }) => id)],
    )
    for (const series of group) {
      const i = ids.indexOf(series.id)
      if (i >= 0) latest[series.metric] = { at: newest, value: asValue(series.type, values[i]) }
    }
  }
  return latest
}

/** The pieces of a range one under the other, each folded by `fold`; `''` when there is nothing to ask. */
function unionOf(
  kind: Kind,
  series: readonly KnownSeries[],
  tiers: Tiers,
  range: Range,
  grainMs: number,
  fold: (piece: Piece) => string,
): { sql: string; values: number[] } {
  if (series.length === 0) return { sql: '', values: [] }
  const values = series.map(({ id }) => id)
  const ids = placesFor(series, 1)
  const parts = piecesOf(range, grainMs, tiers).map((piece) => {
    const { table, from, to } = piece
    const place = values.push(from, to)
    const within = `series IN (${ids}) AND at_ms >= $${place - 1} AND at_ms < $${place}`
    return `SELECT series, ${fold(piece)} FROM ${tablesOf(kind)[table]} WHERE ${within} GROUP BY ALL`
  })
  return { sql: parts.join(' UNION ALL '), values }
}

function isTier(table: Piece['table']): boolean {
  return table === 'minute' || table === 'hour'
}

function knownOf(asked: Asked, kind: Kind): KnownSeries[] {
  const known = asked.filter((series): series is KnownSeries => series !== undefined && kindOf(series.type) === kind)
  return [...new Set(known)]
}

/** `$3, $4, …`, one for each. */
function placesFor(items: readonly unknown[], first: number): string {
  return items.map((_, i) => `$${first + i}`).join(', ')
}

type Cell = number | string

/** Every parameter goes as an integer: compared with a float, a column loses its zone maps and is read as a whole. */
async function readColumns(reader: DuckDBConnection, sql: string, parameters: readonly number[]): Promise<Cell[][]> {
  const statement = await preparedFor(reader, sql)
  parameters.forEach((value, i) => {
    statement.bindBigInt(i + 1, BigInt(value))
  })
  const result = await statement.runAndReadAll()
  return result.getColumnsJS() as Cell[][]
}

/** Where each id begins and ends in a sorted column. */
function* runsOf(ids: readonly number[]): Generator<[id: number, begin: number, end: number]> {
  for (let begin = 0; begin < ids.length; ) {
    const id = ids[begin] as number
    let end = begin + 1
    while (ids[end] === id) end++
    yield [id, begin, end]
    begin = end
  }
}

function asValue(type: MetricType, stored: Cell | undefined): Value {
  return type === 'boolean' ? stored === 1 : (stored ?? '')
}

function asValues(type: MetricType, stored: Cell[]): Value[] {
  return type === 'boolean' ? stored.map((value) => value === 1) : stored
}

function noBuckets(type: MetricType | undefined): Buckets {
  const always = { at: [], count: [], first: [], last: [] }
  return type === undefined || type === 'string' ? always : { ...always, min: [], max: [], mean: [] }
}

/** A sum of huge values overflows, and a mean of equal ones can be off by a rounding: it always lies within the range. */
function withinRange(min: number[], max: number[], mean: number[]) {
  const safe = mean.map((value, i) => {
    const low = min[i] ?? value
    const high = max[i] ?? value
    return Number.isNaN(value) ? low / 2 + high / 2 : Math.min(Math.max(value, low), high)
  })
  return { min, max, mean: safe }
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return [...groups.values()]
}
