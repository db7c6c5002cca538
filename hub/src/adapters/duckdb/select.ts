// The parts that questions are made of: pieces one under the other, places for parameters, columns of an answer.

import type { DuckDBConnection } from '@duckdb/node-api'
import type { MetricType, Value } from '../../protocol/index.ts'
import type { KnownSeries } from './catalogue.ts'
import { type Piece, piecesOf } from './pieces.ts'
import type { Tiers } from './schema.ts'
import { preparedFor } from './statements.ts'
import { type Kind, kindOf, tablesOf } from './tiers.ts'

export interface Range {
  readonly from: number
  readonly to: number
}

/** `undefined` in place of a series that is not there. */
export type Asked = readonly (KnownSeries | undefined)[]

/** The pieces of a range one under the other, each folded by `fold`; `''` when there is nothing to ask. */
export function unionOf(
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

export function isTier(table: Piece['table']): boolean {
  return table === 'minute' || table === 'hour'
}

export function knownOf(asked: Asked, kind: Kind): KnownSeries[] {
  const known = asked.filter((series): series is KnownSeries => series !== undefined && kindOf(series.type) === kind)
  return [...new Set(known)]
}

/** `$3, $4, …`, one for each. */
export function placesFor(items: readonly unknown[], first: number): string {
  return items.map((_, i) => `$${first + i}`).join(', ')
}

export type Cell = number | string

/** Every parameter goes as an integer: compared with a float, a column loses its zone maps and is read as a whole. */
export async function readColumns(
  reader: DuckDBConnection,
  sql: string,
  parameters: readonly number[],
): Promise<Cell[][]> {
  const statement = await preparedFor(reader, sql)
  parameters.forEach((value, i) => {
    statement.bindBigInt(i + 1, BigInt(value))
  })
  const result = await statement.runAndReadAll()
  return result.getColumnsJS() as Cell[][]
}

/** Where each id begins and ends in a sorted column. */
export function* runsOf(ids: readonly number[]): Generator<[id: number, begin: number, end: number]> {
  for (let begin = 0; begin < ids.length; ) {
    const id = ids[begin] as number
    let end = begin + 1
    while (ids[end] === id) end++
    yield [id, begin, end]
    begin = end
  }
}

export function asValue(type: MetricType, stored: Cell | undefined): Value {
  return type === 'boolean' ? stored === 1 : (stored ?? '')
}

export function asValues(type: MetricType, stored: Cell[]): Value[] {
  return type === 'boolean' ? stored.map((value) => value === 1) : stored
}
