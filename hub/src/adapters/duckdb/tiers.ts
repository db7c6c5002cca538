// The tables that readings move through, and the SQL that folds them into minutes and hours.

import type { MetricType } from '../../protocol/index.ts'

/** Numbers with booleans as 0 and 1, and texts: the same tables for both, but texts have no lowest, highest and total. */
export const kinds = ['numbers', 'texts'] as const
export type Kind = (typeof kinds)[number]

export const minuteMs = 60_000
export const hourMs = 3_600_000

export const kindOf = (type: MetricType): Kind => (type === 'string' ? 'texts' : 'numbers')

/**
 * `recent` has what is not filed yet, in the order of arrival; `filed` the older readings, hour by hour sorted by series.
 * `minute` and `hour` have one row a series and bucket for all that is filed. `late` is temporary.
 */
export function tablesOf(kind: Kind) {
  return {
    recent: `recent_${kind}`,
    filed: kind,
    minute: `${kind}_by_minute`,
    hour: `${kind}_by_hour`,
    late: `late_${kind}`,
  } as const
}

/** Times are epoch ms as integers; `first_ms` and `last_ms` count from the start of the bucket. */
export function createTables(kind: Kind): string {
  const { recent, filed, minute, hour, late } = tablesOf(kind)
  const value = kind === 'numbers' ? 'DOUBLE' : 'VARCHAR'
  const raw = `(series INTEGER, at_ms BIGINT, value ${value})`
  const figures = kind === 'numbers' ? 'lowest DOUBLE, highest DOUBLE, total DOUBLE,' : ''
  const tier = `(series INTEGER, at_ms BIGINT, ${figures} readings INTEGER, first ${value}, first_ms INTEGER, last ${value}, last_ms INTEGER)`
  return `
    CREATE TABLE IF NOT EXISTS ${recent} ${raw};
    CREATE TABLE IF NOT EXISTS ${filed} ${raw};
    CREATE TABLE IF NOT EXISTS ${minute} ${tier};
    CREATE TABLE IF NOT EXISTS ${hour} ${tier};
    CREATE TEMP TABLE ${late} ${raw};`
}

/** Readings as aggregates, with the times of the first and the last one in epoch ms. */
export function foldReadings(kind: Kind): string {
  const figures = kind === 'numbers' ? 'min(value) AS lowest, max(value) AS highest, sum(value) AS total, ' : ''
  return `${figures}count(*) AS readings, arg_min(value, at_ms) AS first, min(at_ms) AS first_at,
    arg_max(value, at_ms) AS last, max(at_ms) AS last_at`
}

/** Rows of a tier as the same aggregates over wider buckets. */
export function foldTier(kind: Kind): string {
  const figures = kind === 'numbers' ? 'min(lowest) AS lowest, max(highest) AS highest, sum(total) AS total, ' : ''
  return `${figures}sum(readings) AS readings, arg_min(first, at_ms + first_ms) AS first, min(at_ms + first_ms) AS first_at,
    arg_max(last, at_ms + last_ms) AS last, max(at_ms + last_ms) AS last_at`
}

/** From aggregates named as above, grouped by `series` and `bucket`, the columns of a tier. */
export function asTierRow(kind: Kind): string {
  const figures = kind === 'numbers' ? 'lowest, highest, total, ' : ''
  return `series, bucket, ${figures}readings, first, first_at - bucket, last, last_at - bucket`
}

/** The start of the bucket that a time lies in; the remainder of a time before 1970 is negative, which costs a second division. */
export function bucketOf(width: number, earliest = Number.NEGATIVE_INFINITY): string {
  const widthMs = Math.trunc(width)
  return earliest >= 0 ? `at_ms - at_ms % ${widthMs}` : `at_ms - ((at_ms % ${widthMs}) + ${widthMs}) % ${widthMs}`
}
