// Removes what has outlived its retention, a small step at a time, so that writes get their turn in between.

import { BIGINT, type DuckDBConnection } from '@duckdb/node-api'
import type { Kept } from '../../core/ports.ts'
import type { Tiers } from './schema.ts'
import { hourMs, kinds, tablesOf } from './tiers.ts'

const dayMs = 24 * hourMs
/** One step removes at most this much time: of readings, and of minutes. */
const stepMs = { filed: hourMs, minute: dayMs } as const

/** To be called between BEGIN and COMMIT. Answers what is kept from then on, and whether more is left to do. */
export async function expireStep(
  writer: DuckDBConnection,
  tiers: Tiers,
  before: Pick<Kept, 'raw' | 'minute'>,
): Promise<{ tiers: Tiers; more: boolean }> {
  // What is not yet folded into hours must stay.
  const folded = wholeHour(tiers.filedTo)
  const raw = await remove(writer, 'filed', Math.min(wholeHour(before.raw), folded), tiers.rawFrom)
  const minute = await remove(writer, 'minute', Math.min(wholeHour(before.minute), raw.from), tiers.minuteFrom)
  await writer.run(
    'UPDATE tiers SET raw_from = $1, minute_from = $2',
    [storedTime(raw.from), storedTime(minute.from)],
    [BIGINT, BIGINT],
  )
  return { tiers: { ...tiers, rawFrom: raw.from, minuteFrom: minute.from }, more: raw.more || minute.more }
}

async function remove(
  writer: DuckDBConnection,
  what: keyof typeof stepMs,
  before: number,
  from: number,
): Promise<{ from: number; more: boolean }> {
  if (!(before > from)) return { from, more: false }
  const tables = kinds.map((kind) => tablesOf(kind)[what])
  const oldest = await oldestOf(writer, tables, before)
  // Nothing is left there: the rest of the way costs nothing.
  const to = oldest === undefined ? before : Math.min(before, wholeHour(oldest) + stepMs[what])
  if (oldest !== undefined)
    for (const table of tables) await writer.run(`DELETE FROM ${table} WHERE at_ms < $1`, [BigInt(to)], [BIGINT])
  return { from: to, more: to < before }
}

async function oldestOf(
  writer: DuckDBConnection,
  tables: readonly string[],
  before: number,
): Promise<number | undefined> {
  const each = tables.map((table) => `SELECT min(at_ms) AS at_ms FROM ${table} WHERE at_ms < $1`)
  const found = await writer.runAndReadAll(
    `SELECT min(at_ms)::DOUBLE FROM (${each.join(' UNION ALL ')})`,
    [BigInt(before)],
    [BIGINT],
  )
  const [[oldest] = []] = found.getRowsJS() as (number | null)[][]
  return oldest ?? undefined
}

function storedTime(at: number): bigint | null {
  return Number.isFinite(at) ? BigInt(at) : null
}

function wholeHour(at: number): number {
  return Math.floor(at / hourMs) * hourMs
}
