// The shape of a sparkline: runs of points scaled into a small box.

import type { Ring } from './ring.ts'

export interface Box {
  width: number
  height: number
}

/** Each run is a flat list x, y, x, y…; a new run begins after a gap. Empty when the window holds no reading. */
export function sparkRuns(ring: Ring<number>, from: number, to: number, gapMs: number, box: Box): number[][] {
  const first = ring.indexAt(from)
  if (first >= ring.length) return []
  const { min, max } = extremes(ring, first)
  const runs: number[][] = []
  let before = Number.NEGATIVE_INFINITY
  for (let i = first; i < ring.length; i++) {
    const at = ring.at(i)
    const x = ((at - from) / (to - from)) * box.width
    const y = max === min ? box.height / 2 : box.height - ((ring.value(i) - min) / (max - min)) * box.height
    if (at - before > gapMs) runs.push([])
    runs.at(-1)?.push(x, y)
    before = at
  }
  return runs
}

function extremes(ring: Ring<number>, first: number): { min: number; max: number } {
  let min = Number.POSITIVE_INFINITY
  let max = Number.NEGATIVE_INFINITY
  for (let i = first; i < ring.length; i++) {
    min = Math.min(min, ring.value(i))
    max = Math.max(max, ring.value(i))
  }
  return { min, max }
}
