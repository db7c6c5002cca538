// Puts readings that come after their time was filed where they belong, and folds the buckets they touch anew.

import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
import { asTierRow, bucketOf, foldReadings, foldTier, hourMs, type Kind, minuteMs, tablesOf } from './tiers.ts'

export interface LateContext {
  readonly filedTo: number
  /** Readings before it are gone: buckets there cannot be folded anew. */
  readonly rawFrom: number
}

/** Late readings further apart than this are dealt with one after the other, so that what lies between is not read. */
const apartMs = 6 * hourMs

/** The times as few spans `[from, to]`, each without a long pause in it. */
export function spansOf(times: readonly number[]): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = []
  for (const at of [...times].sort((a, b) => a - b)) {
    const last = spans.at(-1)
    if (last && at - last.to <= apartMs) last.to = at
    else spans.push({ from: at, to: at })
  }
  return spans
}

/** `late_<kind>` has the readings, one for each series and time. To be called between BEGIN and COMMIT. */
export async function mendFiled(
  writer: DuckDBConnection,
  kind: Kind,
  span: { from: number; to: number },
  { filedTo, rawFrom }: LateContext,
) {
  const { filed, minute, hour, late } = tablesOf(kind)
  // The bounds let DuckDB skip all row groups of other times and series; the join alone would read the whole table.
  const bounded = (table: string) => `${table}.at_ms BETWEEN $1 AND $2 AND ${table}.series BETWEEN $3 AND $4`
  const run = async (sql: string, from: number, to: number) => {
    const values = [from, to, ...series].map(BigInt)
    await writer.run(
      sql,
      values,
      values.map(() => BIGINT),
    )
  }
  const [series] = (
    await writer.runAndReadAll(
      `SELECT min(series), max(series) FROM ${late} WHERE at_ms BETWEEN $1 AND $2`,
      [BigInt(span.from), BigInt(span.to)],
      [BIGINT, BIGINT],
    )
  ).getRowsJS() as [[number, number]]

  const replaced = `SELECT series, at_ms FROM ${late} WHERE ${bounded(late)}`
  await run(`DELETE FROM ${filed} WHERE ${bounded(filed)} AND (series, at_ms) IN (${replaced})`, span.from, span.to)
  await run(
    `INSERT INTO ${filed} SELECT series, at_ms, value FROM ${late} WHERE ${bounded(late)} ORDER BY series, at_ms`,
    span.from,
    span.to,
  )

  /** Replaces the rows of `tier` that the late readings touch by what `source` says now. */
  async function foldAnew(tier: string, widthMs: number, source: string, fold: string, within: typeof span) {
    const from = Math.floor(within.from / widthMs) * widthMs
    const to = Math.floor(within.to / widthMs) * widthMs + widthMs - 1
    if (from > to) return
    const touched = `SELECT series, ${bucketOf(widthMs)} FROM ${late} WHERE ${bounded(late)}`
    await run(`DELETE FROM ${tier} WHERE ${bounded(tier)} AND (series, at_ms) IN (${touched})`, from, to)
    await run(
      `INSERT INTO ${tier} SELECT ${asTierRow(kind)} FROM (
         SELECT series, ${bucketOf(widthMs)} AS bucket, ${fold} FROM ${source} WHERE ${bounded(source)}
          AND (series, ${bucketOf(widthMs)}) IN (${touched}) GROUP BY series, bucket
       ) ORDER BY series, bucket`,
      from,
      to,
    )
  }

  // Where readings are gone, the buckets stay as they are: they know more than what is left.
  const from = Math.max(span.from, rawFrom)
  if (from > span.to) return
  await foldAnew(minute, minuteMs, filed, foldReadings(kind), { from, to: span.to })
  const hoursTo = Math.floor(filedTo / hourMs) * hourMs
  if (from < hoursTo) await foldAnew(hour, hourMs, minute, foldTier(kind), { from, to: Math.min(span.to, hoursTo - 1) })
}
