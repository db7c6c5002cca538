// Prepared statements with bound values, and the one thing that a binding gets wrong kept out.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { HubError } from '../../core/errors.ts'

export type Bound = string | number | null

/** `Row` is what a row looks like: told by who wrote the SQL. */
export interface Statement<Row> {
  run(...values: Bound[]): { lastInsertRowid: number | bigint }
  get(...values: Bound[]): Row | undefined
  all(...values: Bound[]): Row[]
}

/**
 * Every value goes in by its place, never into the text. A text with NUL gives HubError `bad-request`: SQLite's binding
 * cuts it there, so that a search for `pump-1\0x` would find `pump-1`.
 */
export function prepare<Row = never>(db: DatabaseSyncInstance, sql: string): Statement<Row> {
  const statement = db.prepare(sql)
  return {
    run: (...values) => statement.run(...values.map(whole)),
    get: (...values) => statement.get(...values.map(whole)),
    all: (...values) => statement.all(...values.map(whole)),
  }
}

function whole(value: Bound): Bound {
  if (typeof value !== 'string' || !value.includes('\0')) return value
  throw new HubError('bad-request', 'A text that is looked up or kept may not contain the character NUL.')
}

export function orNull<T>(value: T | undefined): T | null {
  return value ?? null
}

/** A row as the hub knows it: where SQL says NULL, the hub leaves the field out. */
export function withoutNulls<T>(row: object): T {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as T
}
