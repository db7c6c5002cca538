// Reads the cells of an answer strictly: what is not as expected did not come from InfluxDB as we know it.

import { StoreError } from '../../core/errors.ts'
import type { Value } from '../../protocol/index.ts'
import type { Table } from './query.ts'

export type Row = readonly unknown[]

export function rowsOf(tables: readonly Table[]): Row[] {
  return tables.flatMap(({ rows }) => rows)
}

export function asNumber(value: unknown): number {
  if (typeof value === 'number') return value
  throw new StoreError('unavailable', `InfluxDB answered ${JSON.stringify(value)} where a number belongs`)
}

export function asValue(value: unknown): Value {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string') return value
  throw new StoreError('unavailable', `InfluxDB answered ${JSON.stringify(value)} where a value belongs`)
}

export function* slices<T>(items: readonly T[], size: number): Generator<readonly T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size)
}
