// Turns rings and history answers into what charts draw: columns with `null` where nothing was recorded.

import type { History } from '@telehub/hub/protocol'
import type { Ring } from './ring.ts'

/** x, and one or more y of the same length. Times are epoch ms; `null` breaks a line. */
export type PlotData = [x: number[], ...y: (number | null)[][]]

/** The readings of a window, and one before it so that the line enters from the edge. Further apart than `gapMs` is a gap. */
export function plotRing(ring: Ring<number>, from: number, gapMs: number): PlotData {
  const x: number[] = []
  const y: (number | null)[] = []
  for (let i = Math.max(0, ring.indexAt(from) - 1); i < ring.length; i++) {
    breakLine(x, [y], ring.at(i), gapMs)
    x.push(ring.at(i))
    y.push(ring.value(i))
  }
  return [x, y]
}

/** One series of a history answer. Raw: one line. Buckets: mean, min, max, each placed in the middle of its bucket. */
export function plotHistory(series: History['series'][string], gapMs: number): PlotData {
  if (series.tier === 'raw') return plotRaw(series.at, series.value, gapMs)
  const x: number[] = []
  const mean: (number | null)[] = []
  const min: (number | null)[] = []
  const max: (number | null)[] = []
  for (const [i, start] of series.at.entries()) {
    const at = start + series.bucketMs / 2
    breakLine(x, [mean, min, max], at, Math.max(gapMs, 1.5 * series.bucketMs))
    x.push(at)
    mean.push(series.mean?.[i] ?? null)
    min.push(series.min?.[i] ?? null)
    max.push(series.max?.[i] ?? null)
  }
  return [x, mean, min, max]
}

/** The value nearest to `at` for a crosshair, or undefined in a gap. */
export function nearest([x, y]: PlotData, index: number | null | undefined): { at: number; value: number } | undefined {
  if (index === null || index === undefined) return undefined
  const at = x[index]
  const value = y?.[index]
  return at === undefined || value === null || value === undefined ? undefined : { at, value }
}

/** In words, for those who cannot see the line: `min 20.1, max 24.9, last 22.3`. */
export function summaryOf([, ...columns]: PlotData, text: (value: number) => string): string {
  const values = (columns[0] ?? []).filter((value) => value !== null)
  const last = values.at(-1)
  if (last === undefined) return 'no readings in this range'
  let min = last
  let max = last
  for (const value of values) {
    if (value < min) min = value
    if (value > max) max = value
  }
  return `min ${text(min)}, max ${text(max)}, last ${text(last)}`
}

function plotRaw(at: readonly number[], values: readonly unknown[], gapMs: number): PlotData {
  const x: number[] = []
  const y: (number | null)[] = []
  for (const [i, time] of at.entries()) {
    const value = values[i]
    if (typeof value !== 'number') continue
    breakLine(x, [y], time, gapMs)
    x.push(time)
    y.push(value)
  }
  return [x, y]
}

function breakLine(x: number[], columns: (number | null)[][], next: number, gapMs: number): void {
  const last = x.at(-1)
  if (last === undefined || next - last <= gapMs) return
  x.push(last + 1)
  for (const column of columns) column.push(null)
}
