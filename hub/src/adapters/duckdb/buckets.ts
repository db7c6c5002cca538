// Buckets of many series in one question, folded from the tables that the pieces of the range lie in.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { Buckets } from '../../core/ports.ts'
import type { MetricType } from '../../protocol/index.ts'
import type { Tiers } from './schema.ts'
import { type Asked, asValues, type Cell, isTier, knownOf, type Range, readColumns, runsOf, unionOf } from './select.ts'
import { bucketOf, foldReadings, foldTier, kinds } from './tiers.ts'

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
