// Turns readings of a boolean or text metric into bands: how long it was what.

import type { History, Value } from '@telehub/hub/protocol'
import type { Ring } from './ring.ts'

export interface Band {
  from: number
  to: number
  value: Value
}

/** Past this the oldest are left out: bands would be narrower than a pixel. */
const mostBands = 2_000

/** Bands of a window. A value holds until the next reading, but not past `gapMs` after the last one that said so. */
export function bandsOfRing(ring: Ring<Value>, from: number, until: number, gapMs: number): Band[] {
  const bands: Band[] = []
  for (let i = Math.max(0, ring.indexAt(from) - 1); i < ring.length; i++) {
    hold(bands, ring.at(i), ring.value(i), Math.min(until, ring.at(i) + gapMs))
  }
  return inWindow(bands, from)
}

/** Bands of one series of a history answer; a bucket counts as the value it ended with. */
export function bandsOfHistory(series: History['series'][string], from: number, until: number, gapMs: number): Band[] {
  const bands: Band[] = []
  const values = series.tier === 'raw' ? series.value : series.last
  const holdMs = series.tier === 'raw' ? gapMs : Math.max(gapMs, series.bucketMs)
  for (const [i, at] of series.at.entries()) {
    const value = values[i]
    if (value !== undefined) hold(bands, at, value, Math.min(until, at + holdMs))
  }
  return inWindow(bands, from)
}

/** For those who cannot see the bands: `3 changes, last on`. */
export function summaryOfBands(bands: readonly Band[], text: (value: Value) => string): string {
  const last = bands.at(-1)
  if (!last) return 'no readings in this range'
  const changes = bands.length - 1
  return `${changes === 0 ? 'no change' : `${changes} ${changes === 1 ? 'change' : 'changes'}`}, last ${text(last.value)}`
}

function hold(bands: Band[], at: number, value: Value, until: number): void {
  const last = bands.at(-1)
  if (last && last.to >= at) {
    last.to = at
    if (last.value === value) {
      last.to = until
      return
    }
  }
  bands.push({ from: at, to: until, value })
}

function inWindow(bands: Band[], from: number): Band[] {
  return bands.filter((band) => band.to > from).slice(-mostBands)
}
