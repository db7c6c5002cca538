// Carries out one planned write inside the transaction that also moves the mark.

import {
  BIGINT,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  type DuckDBType,
  type DuckDBValue,
  INTEGER,
  VARCHAR,
} from '@duckdb/node-api'
import type { Mark } from '../../core/ports.ts'
import type { Plan, Rows, Sorted } from './plan.ts'

/** DuckDB's vector size: a data chunk takes no more rows. */
const rowsPerChunk = 2_048

const rowTypes = { numbers: [INTEGER, BIGINT, DOUBLE], texts: [INTEGER, BIGINT, VARCHAR] }

/** To be called between BEGIN and COMMIT. */
export async function carryOut(writer: DuckDBConnection, plan: Plan, upTo: Mark) {
  const { created } = plan
  await append(
    writer,
    'main',
    'series',
    [INTEGER, VARCHAR, VARCHAR, VARCHAR],
    [
      created.map(({ id }) => id),
      created.map(({ device }) => device),
      created.map(({ metric }) => metric),
      created.map(({ type }) => type),
    ],
  )
  await store(writer, 'numbers', plan.numbers)
  await store(writer, 'texts', plan.texts)
  await writer.run('UPDATE mark SET epoch = $1, position = $2', [upTo.epoch, BigInt(upTo.position)])
}

async function store<V extends number | string>(
  writer: DuckDBConnection,
  table: 'numbers' | 'texts',
  { appended, replaced }: Sorted<V>,
) {
  await append(writer, 'main', table, rowTypes[table], columns(appended))
  if (replaced.at.length === 0) return
  await append(writer, 'temp', `late_${table}`, rowTypes[table], columns(replaced))
  // The bounds let DuckDB skip all row groups of other times; the join alone would read the whole table.
  await writer.run(
    `DELETE FROM ${table} USING late_${table} AS late
      WHERE ${table}.series = late.series AND ${table}.at_ms = late.at_ms AND ${table}.at_ms BETWEEN $1 AND $2`,
    [BigInt(least(replaced.at)), BigInt(greatest(replaced.at))],
  )
  await writer.run(`INSERT INTO ${table} SELECT series, at_ms, value FROM late_${table} ORDER BY series, at_ms`)
  await writer.run(`DELETE FROM late_${table}`)
}

function columns(rows: Rows): DuckDBValue[][] {
  return [rows.series, rows.at.map(BigInt), rows.value]
}

async function append(
  writer: DuckDBConnection,
  catalog: 'main' | 'temp',
  table: string,
  types: DuckDBType[],
  values: DuckDBValue[][],
) {
  const rows = values[0]?.length ?? 0
  if (rows === 0) return
  const appender = await writer.createAppender(table, 'main', catalog === 'temp' ? 'temp' : null)
  try {
    for (let from = 0; from < rows; from += rowsPerChunk) {
      const to = Math.min(from + rowsPerChunk, rows)
      const chunk = DuckDBDataChunk.create(types, to - from)
      chunk.setColumns(values.map((column) => column.slice(from, to)))
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}

// Math.min(...at) would overflow the stack with a large write.
function least(at: readonly number[]): number {
  return at.reduce((a, b) => Math.min(a, b))
}

function greatest(at: readonly number[]): number {
  return at.reduce((a, b) => Math.max(a, b))
}
