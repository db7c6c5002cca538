// Keeps prepared statements of a connection: to plan a question about the tiers takes longer than to answer it.

import type { DuckDBConnection, DuckDBPreparedStatement } from '@duckdb/node-api'

/** Of one connection; past it the one that was not used for the longest time is closed. */
const maxStatements = 64

const statements = new WeakMap<DuckDBConnection, Map<string, DuckDBPreparedStatement>>()

/** For one use at a time, as its connection is. */
export async function preparedFor(connection: DuckDBConnection, sql: string): Promise<DuckDBPreparedStatement> {
  const known = statements.get(connection) ?? new Map<string, DuckDBPreparedStatement>()
  statements.set(connection, known)
  const statement = known.get(sql) ?? (await connection.prepare(sql))
  known.delete(sql)
  known.set(sql, statement)
  const [oldest] = known
  if (known.size > maxStatements && oldest) {
    known.delete(oldest[0])
    oldest[1].destroySync()
  }
  return statement
}
