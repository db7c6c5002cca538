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
import { type LateContext, mendFiled, spansOf } from './late.ts'
import type { Plan, Rows, Sorted } from './plan.ts'
import { type Kind, kinds, tablesOf } from './tiers.ts'

/** DuckDB's vector size: a data chunk takes no more rows. */
const rowsPerChunk = 2_048

const rowTypes = { numbers: [INTEGER, BIGINT, DOUBLE], texts: [INTEGER, BIGINT, VARCHAR] }

/** To be called between BEGIN and COMMIT. */
export async function carryOut(writer: DuckDBConnection, plan: Plan, context: LateContext) {
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
  for (const kind of kinds) await store(writer, kind, plan[kind], context)
}

async function store(writer: DuckDBConnection, kind: Kind, sorted: Sorted, context: LateContext) {
  const { recent, late } = tablesOf(kind)
  const { appended, replaced, filed } = sorted
  await append(writer, 'main', recent, rowTypes[kind], columns(appended))
  if (replaced.at.length > 0) {
    await append(writer, 'temp', late, rowTypes[kind], columns(replaced))
    await writer.run(`DELETE FROM ${recent} WHERE (series, at_ms) IN (SELECT series, at_ms FROM ${late})`)
    await writer.run(`INSERT INTO ${recent} SELECT series, at_ms, value FROM ${late} ORDER BY series, at_ms`)
    await writer.run(`DELETE FROM ${late}`)
  }
  if (filed.at.length > 0) {
    await append(writer, 'temp', late, rowTypes[kind], columns(filed))
    for (const span of spansOf(filed.at)) await mendFiled(writer, kind, span, context)
    await writer.run(`DELETE FROM ${late}`)
  }
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
