// Some readings of a batch as a batch of their own, so that one bad reading can be found among many.

import type { Value } from '../../protocol/index.ts'
import type { Batch } from '../ports.ts'

/** The readings from number `from` up to `to`, counted from 0, metric after metric. */
export function partOf(batch: Batch, from: number, to: number): Batch {
  let next = 0
  const inPart = (value: Value | null) => {
    if (value === null) return null
    const number = next++
    return number >= from && number < to ? value : null
  }
  const columns = batch.columns.map((column) => column.map(inPart))
  const rows = [...batch.at.keys()].filter((row) => columns.some((column) => column[row] !== null))
  const places = [...columns.keys()].filter((m) => columns[m]?.some((value) => value !== null))
  return {
    ...batch,
    at: rows.map((row) => batch.at[row] as number),
    metrics: places.map((m) => batch.metrics[m] as string),
    columns: places.map((m) => rows.map((row) => columns[m]?.[row] ?? null)),
    count: to - from,
  }
}
