// Looks up how long InfluxDB itself keeps anything, which whoever runs it may have limited.

import { StoreError } from '../../core/errors.ts'
import { identifier } from './influxql.ts'
import type { Ask } from './query.ts'
import { rowsOf } from './rows.ts'

const hourMs = 3_600_000
const unitMs: Record<string, number> = { h: hourMs, m: 60_000, s: 1_000 }

/** Before this InfluxDB keeps nothing, in whole hours; -Infinity where it keeps all, or where it does not tell, as InfluxDB 2 does not. */
export async function retentionOf(ask: Ask, database: string, now: () => number = Date.now): Promise<number> {
  try {
    const [tables = []] = await ask(`SHOW RETENTION POLICIES ON ${identifier(database)}`)
    const [{ columns } = { columns: [] as readonly string[] }] = tables
    const policy = rowsOf(tables).find((row) => row[columns.indexOf('default')] === true)
    const durationMs = durationOf(String(policy?.[columns.indexOf('duration')] ?? ''))
    return durationMs === 0 ? Number.NEGATIVE_INFINITY : Math.ceil((now() - durationMs) / hourMs) * hourMs
  } catch (error) {
    if (error instanceof StoreError && error.message.startsWith('InfluxDB answered: ')) return Number.NEGATIVE_INFINITY
    throw error
  }
}

/** `720h0m0s` in ms; 0 means for ever. */
function durationOf(text: string): number {
  return [...text.matchAll(/(\d+)([hms])/g)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (unitMs[unit] ?? 0),
    0,
  )
}
