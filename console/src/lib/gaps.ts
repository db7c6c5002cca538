// Where readings are missing, and why, in words.

import type { Gap } from '@telehub/hub/protocol'
import { formatDuration } from './format.ts'

const reasons: Record<Gap['reason'], string> = {
  'device-offline': 'device offline',
  'hub-down': 'hub down',
  expired: 'older than what is kept',
  behind: 'this console was behind',
  dropped: 'dropped',
}

/** An interval without readings. Without a reason: nothing came, and the hub cannot say why. */
export interface Missing {
  from: number
  to: number
  reason?: Gap['reason'] | undefined
}

/** The hub's own gaps, and the holes between the times of readings and up to `until` that it has no reason for. */
export function missingIn(times: readonly number[], until: number, gapMs: number, gaps: readonly Gap[]): Missing[] {
  const holes: Missing[] = []
  for (const [i, from] of times.entries()) {
    const to = times[i + 1] ?? until
    if (to - from > gapMs) holes.push({ from, to })
  }
  return [...gaps, ...withoutReason(holes, gaps)]
}

/** As `missingIn`, for bands: what lies between them. */
export function missingBetween(
  bands: readonly { from: number; to: number }[],
  until: number,
  gaps: readonly Gap[],
): Missing[] {
  const holes = bands
    .map(({ to }, i) => ({ from: to, to: bands[i + 1]?.from ?? until }))
    .filter(({ from, to }) => to > from)
  return [...gaps, ...withoutReason(holes, gaps)]
}

/** One line a reason: how long in all, in how many pieces. */
export function gapLines(missing: readonly Missing[]): string[] {
  const totals = new Map<Missing['reason'], { ms: number; count: number }>()
  for (const { from, to, reason } of missing) {
    const total = totals.get(reason) ?? { ms: 0, count: 0 }
    totals.set(reason, { ms: total.ms + to - from, count: total.count + 1 })
  }
  return [...totals].map(([reason, { ms, count }]) => {
    const words = reason ? reasons[reason] : 'nothing recorded'
    return `${words}: ${formatDuration(ms)}${count > 1 ? ` in ${count} gaps` : ''}`
  })
}

function withoutReason(holes: readonly Missing[], gaps: readonly Gap[]): Missing[] {
  return holes.filter((hole) => !gaps.some((gap) => gap.from < hole.to && hole.from < gap.to))
}
