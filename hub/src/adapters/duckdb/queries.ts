// Single readings of the embedded store, in SQL with bound parameters only.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { Points } from '../../core/ports.ts'
import type { Latest } from '../../protocol/index.ts'
import type { KnownSeries } from './catalogue.ts'
import type { Tiers } from './schema.ts'
import {
  type Asked,
  asValue,
  asValues,
  isTier,
  knownOf,
  placesFor,
  type Range,
  readColumns,
  runsOf,
  unionOf,
} from './select.ts'
import { hourMs, type Kind, kindOf, kinds, tablesOf } from './tiers.ts'

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

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): T[][] {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const key = keyOf(item)
    groups.set(key, [...(groups.get(key) ?? []), item])
  }
  return [...groups.values()]
}
