// Makes the columns that travel: several batches of one device become one segment.

import type { Latest, Segment, Value } from '../../protocol/index.ts'
import type { Batch } from '../ports.ts'

/** Readings of `batches` (all of one device) in the order given; only those at or after `from`, where that is given. */
export function segmentOf(batches: readonly Batch[], from = Number.NEGATIVE_INFINITY): Segment {
  const first = batches[0] as Batch
  const at: number[] = []
  const values: Record<string, (Value | null)[]> = {}
  for (const batch of batches) append(at, values, batch, from)
  for (const column of Object.values(values)) fill(column, at.length)
  return { device: first.device, at, values }
}

/** One row a distinct time, so that metrics with different newest times share a segment. */
export function segmentOfLatest(device: string, latest: Iterable<readonly [string, Latest]>): Segment {
  const entries = [...latest]
  const at = [...new Set(entries.map(([, { at }]) => at))].sort((a, b) => a - b)
  const values: Record<string, (Value | null)[]> = {}
  for (const [metric, newest] of entries) {
    const column: (Value | null)[] = at.map(() => null)
    column[at.indexOf(newest.at)] = newest.value
    values[metric] = column
  }
  return { device, at, values }
}

function append(at: number[], values: Record<string, (Value | null)[]>, batch: Batch, from: number) {
  for (let i = 0; i < batch.at.length; i++) {
    const time = batch.at[i] as number
    if (time < from) continue
    const row = at.push(time) - 1
    for (let m = 0; m < batch.metrics.length; m++) {
      const value = batch.columns[m]?.[i]
      if (value === null || value === undefined) continue
      const metric = batch.metrics[m] as string
      values[metric] ??= []
      const column = values[metric]
      fill(column, row)
      column.push(value)
    }
  }
}

function fill(column: (Value | null)[], length: number) {
  while (column.length < length) column.push(null)
}
