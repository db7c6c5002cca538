// Why readings are missing, in words.

import type { Gap } from '@telehub/hub/protocol'
import { formatDuration } from './format.ts'

const reasons: Record<Gap['reason'], string> = {
  'device-offline': 'device offline',
  'hub-down': 'hub down',
  expired: 'older than what is kept',
  behind: 'this console was behind',
  dropped: 'dropped',
}

/** One line a reason: how long in all, in how many pieces. */
export function gapLines(gaps: readonly Gap[]): string[] {
  const totals = new Map<Gap['reason'], { ms: number; count: number }>()
  for (const { from, to, reason } of gaps) {
    const total = totals.get(reason) ?? { ms: 0, count: 0 }
    totals.set(reason, { ms: total.ms + to - from, count: total.count + 1 })
  }
  return [...totals].map(
    ([reason, { ms, count }]) => `${reasons[reason]}: ${formatDuration(ms)}${count > 1 ? ` in ${count} gaps` : ''}`,
  )
}
