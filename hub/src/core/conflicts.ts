// Notices a reading that says something else than the newest one of its metric, for the very same time.

import type { Latest } from '../protocol/index.ts'
import type { Batch } from './ports.ts'

/**
 * How many values of a batch contradict the newest known one. Cheap because nothing is looked up: what a late reading
 * contradicts further back is not seen here, and the store keeps the last value that came.
 */
export function conflictsOf({ at, metrics, columns }: Batch, latest: ReadonlyMap<string, Latest>): number {
  let conflicts = 0
  for (let m = 0; m < metrics.length; m++) {
    let newest = latest.get(metrics[m] as string)
    const column = columns[m] ?? []
    for (let i = 0; i < column.length; i++) {
      const value = column[i]
      if (value === null || value === undefined) continue
      const instant = at[i] as number
      if (newest !== undefined && instant < newest.at) continue
      if (newest?.at === instant && newest.value !== value) conflicts++
      newest = { at: instant, value }
    }
  }
  return conflicts
}
