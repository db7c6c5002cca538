// What history asks of the embedded store, in SQL with bound parameters only.

import { BIGINT, type DuckDBConnection, LIST, listValue } from '@duckdb/node-api'
import type { Buckets, Points } from '../../core/ports.ts'
import type { Latest, MetricType, Value } from '../../protocol/index.ts'
import type { KnownSeries } from './catalogue.ts'

export async function readRaw(
  reader: DuckDBConnection,
  series: KnownSeries,
  range: { from: number; to: number; limit: number },
): Promise<Points> {
  const [at, value] = await readColumns(
    reader,
    `SELECT at_ms::DOUBLE, value FROM ${table(series.type)}
      WHERE series = $1 AND at_ms >= $2 AND at_ms < $3 ORDER BY at_ms LIMIT $4`,
    [series.id, range.from, range.to, range.limit],
  )
  return { at: at as number[], value: asValues(series.type, value) }
}

export async function readBuckets(
  reader: DuckDBConnection,
  series: KnownSeries,
  range: { from: number; to: number; bucketMs: number },
): Promise<Buckets> {
  const figures = series.type === 'string' ? '' : ', min(value), max(value), avg(value)'
  const [at, count, last, min, max, mean] = await readColumns(
    reader,
    `SELECT ((at_ms // $4) * $4)::DOUBLE AS bucket, count(*)::DOUBLE, arg_max(value, at_ms) ${figures}
       FROM ${table(series.type)} WHERE series = $1 AND at_ms >= $2 AND at_ms < $3 GROUP BY bucket ORDER BY bucket`,
    [series.id, range.from, range.to, range.bucketMs],
  )
  const always = { at: at as number[], count: count as number[], last: asValues(series.type, last) }
  if (series.type === 'string') return always
  return { ...always, ...withinRange(min as number[], max as number[], mean as number[]) }
}

/** Asks once per distinct time: metrics of one message share theirs, and a time leads straight to its rows. */
export async function readLatest(
  reader: DuckDBConnection,
  known: readonly KnownSeries[],
): Promise<Record<string, Latest>> {
  const metrics = new Map(known.map((series) => [series.id, series]))
  const latest: Record<string, Latest> = {}
  const filled = known.filter(({ newest }) => Number.isFinite(newest))
  for (const [key, group] of groupBy(filled, ({ type, newest }) => `${table(type)} ${newest}`)) {
    const [name, at] = key.split(' ')
    const [ids, values] = await readColumns(
      reader,
      `SELECT series, value FROM ${name} WHERE at_ms = $1 AND list_contains($2, series)`,
      [Number(at), group.map(({ id }) => id)],
    )
    ids.forEach((id, i) => {
      const series = metrics.get(id as number)
      if (series) latest[series.metric] = { at: series.newest, value: asValue(series.type, values[i]) }
    })
  }
  return latest
}

function table(type: MetricType): 'numbers' | 'texts' {
  return type === 'string' ? 'texts' : 'numbers'
}

type Cell = number | string

/** Every parameter goes as an integer: compared with a float, a column loses its zone maps and is read as a whole. */
async function readColumns(
  reader: DuckDBConnection,
  sql: string,
  parameters: readonly (number | readonly number[])[],
): Promise<[Cell[], Cell[], Cell[], Cell[], Cell[], Cell[]]> {
  const result = await reader.runAndReadAll(
    sql,
    parameters.map((value) => (typeof value === 'number' ? BigInt(value) : listValue(value.map(BigInt)))),
    parameters.map((value) => (typeof value === 'number' ? BIGINT : LIST(BIGINT))),
  )
  const [a, b, c, d, e, f] = result.getColumnsJS() as Cell[][]
  return [a ?? [], b ?? [], c ?? [], d ?? [], e ?? [], f ?? []]
}

function asValue(type: MetricType, stored: Cell | undefined): Value {
  return type === 'boolean' ? stored === 1 : (stored ?? '')
}

function asValues(type: MetricType, stored: Cell[]): Value[] {
  return type === 'boolean' ? stored.map((value) => value === 1) : stored
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

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return groups
}
