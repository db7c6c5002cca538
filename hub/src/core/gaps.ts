// Where a device has no readings, and why: kept reasons, less the times from which there are readings after all.

import type { Gap } from '../protocol/index.ts'
import type { KeptGap } from './ports.ts'

interface Range {
  readonly from: number
  readonly to: number
}

/** Of reasons that hold at the same time the first one is given. */
const rank: readonly Gap['reason'][] = ['expired', 'hub-down', 'dropped', 'device-offline', 'behind']

/**
 * The kept gaps within `range`, in order and without overlap. `covered`: times of which there are readings, in order; a device may
 * have sent them later. What is left between two of them counts from `leastMs` on, but a `dropped` reading always does.
 */
export function gapsWithin(
  range: Range,
  { kept, covered, leastMs }: { kept: readonly KeptGap[]; covered: readonly Range[]; leastMs: number },
): Gap[] {
  const gaps: Gap[] = []
  for (const reason of rank) {
    const taken = merged([...covered, ...gaps])
    const pieces = merged(kept.filter((gap) => gap.reason === reason).map((gap) => clipped(gap, range)))
      .flatMap((gap) => without(gap, taken))
      .filter(({ from, to }) => reason === 'dropped' || to - from >= leastMs)
    gaps.push(...pieces.map(({ from, to }) => ({ from, to, reason })))
  }
  return gaps.sort((a, b) => a.from - b.from)
}

/** In order of time, and those that touch as one. */
export function merged(ranges: readonly Range[]): Range[] {
  const result: { from: number; to: number }[] = []
  for (const { from, to } of ranges.filter((range) => range.from < range.to).sort((a, b) => a.from - b.from)) {
    const last = result.at(-1)
    if (last && from <= last.to) last.to = Math.max(last.to, to)
    else result.push({ from, to })
  }
  return result
}

function clipped(gap: KeptGap, { from, to }: Range): Range {
  return { from: Math.max(gap.from, from), to: Math.min(gap.to ?? to, to) }
}

/** What remains of a range; `taken` is merged. */
function without(range: Range, taken: readonly Range[]): Range[] {
  const rest: Range[] = []
  let { from } = range
  for (let i = firstEndingAfter(taken, from); i < taken.length; i++) {
    const other = taken[i] as Range
    if (other.from >= range.to) break
    if (other.from > from) rest.push({ from, to: other.from })
    from = Math.max(from, other.to)
  }
  if (from < range.to) rest.push({ from, to: range.to })
  return rest
}

/** By halves: there may be ten thousand times and a thousand gaps. */
function firstEndingAfter(ranges: readonly Range[], at: number): number {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle] as Range).to > at) high = middle
    else low = middle + 1
  }
  return low
}
