// Files what is old enough: sorted by series, folded into minutes and hours, in the transaction of the write it comes with.

import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
import type { Tiers } from './schema.ts'
import { asTierRow, bucketOf, foldReadings, foldTier, hourMs, type Kind, kinds, minuteMs, tablesOf } from './tiers.ts'

/** What is later than this much behind the hub is not filed yet: most readings come in time, and filing once is cheapest. */
const settleMs = 60_000
/** Filing waits for so many readings, or for so long: long runs of a series are small on disk, but `recent` is searched row by row. */
const filedRows = 500_000
const leastSpanMs = 2 * minuteMs
const longestSpanMs = 12 * hourMs

/** Up to where to file now, or undefined for not yet. `heardAt`: hub time of the newest message written. */
export function filingDue({ filedTo }: Tiers, recentRows: number, heardAt: number): number | undefined {
  const upTo = Math.floor((heardAt - settleMs) / minuteMs) * minuteMs
  const spanMs = upTo - filedTo
  const isDue = spanMs >= longestSpanMs || (recentRows >= filedRows && spanMs >= leastSpanMs)
  return isDue && recentRows > 0 && Number.isFinite(upTo) ? upTo : undefined
}

/** To be called between BEGIN and COMMIT. */
export async function file(writer: DuckDBConnection, tiers: Tiers, upTo: number): Promise<Tiers> {
  const hours = { from: floorHour(tiers.filedTo), to: floorHour(upTo) }
  for (const kind of kinds) {
    if ((await countRows(writer, [tablesOf(kind).recent])) > 0) await fileRecent(writer, kind, upTo)
    if (hours.from < hours.to) await foldHours(writer, kind, hours)
  }
  await run(writer, 'UPDATE tiers SET filed_to = $1', upTo)
  return { ...tiers, filedTo: upTo }
}

async function fileRecent(writer: DuckDBConnection, kind: Kind, upTo: number) {
  const { recent, filed, minute } = tablesOf(kind)
  await run(
    writer,
    `INSERT INTO ${filed} SELECT series, at_ms, value FROM ${recent} WHERE at_ms < $1 ORDER BY series, at_ms`,
    upTo,
  )
  await run(
    writer,
    `INSERT INTO ${minute} SELECT ${asTierRow(kind)} FROM (
       SELECT series, ${bucketOf(minuteMs)} AS bucket, ${foldReadings(kind)} FROM ${recent} WHERE at_ms < $1 GROUP BY ALL
     ) ORDER BY series, bucket`,
    upTo,
  )
  await run(writer, `DELETE FROM ${recent} WHERE at_ms < $1`, upTo)
}

/** Of hours that have come to their end, all minutes are there. */
async function foldHours(writer: DuckDBConnection, kind: Kind, { from, to }: { from: number; to: number }) {
  const { minute, hour } = tablesOf(kind)
  const isFirst = !Number.isFinite(from)
  await run(
    writer,
    `INSERT INTO ${hour} SELECT ${asTierRow(kind)} FROM (
       SELECT series, ${bucketOf(hourMs)} AS bucket, ${foldTier(kind)} FROM ${minute}
        WHERE at_ms < $1 ${isFirst ? '' : 'AND at_ms >= $2'} GROUP BY ALL
     ) ORDER BY series, bucket`,
    ...(isFirst ? [to] : [to, from]),
  )
}

/** How many rows are not filed; DuckDB knows it without reading them. */
export async function countRecent(connection: DuckDBConnection): Promise<number> {
  return countRows(
    connection,
    kinds.map((kind) => tablesOf(kind).recent),
  )
}

async function countRows(connection: DuckDBConnection, tables: readonly string[]): Promise<number> {
  const each = tables.map((table) => `(SELECT count(*) FROM ${table})`)
  const found = await connection.runAndReadAll(`SELECT (${each.join(' + ')})::DOUBLE`)
  return Number(found.getColumnsJS()[0]?.[0] ?? 0)
}

async function run(writer: DuckDBConnection, sql: string, ...times: number[]) {
  await writer.run(
    sql,
    times.map(BigInt),
    times.map(() => BIGINT),
  )
}

const floorHour = (at: number) => Math.floor(at / hourMs) * hourMs
