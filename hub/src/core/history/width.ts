// How wide the buckets of an answer are: whole minutes or hours where they can be, because those are kept ready.

import type { BucketSeries } from '../../protocol/index.ts'
import type { Kept } from '../ports.ts'

const minuteMs = 60_000
const hourMs = 3_600_000

/** At most `points` buckets, and more than half as many; fewer where the past is kept in wider ones only. */
export function bucketWidth({ from, to, points }: { from: number; to: number; points: number }, kept: Kept): number {
  // Buckets are aligned to multiples of their width: one more than fits may begin before `from`.
  const exact = Math.max(1, Math.ceil((to - from) / Math.max(points - 1, 1)))
  const least = from < kept.minute ? hourMs : from < kept.raw ? minuteMs : 1
  const width = Math.max(exact, least)
  if (width >= hourMs) return Math.ceil(width / hourMs) * hourMs
  if (width >= minuteMs) return Math.ceil(width / minuteMs) * minuteMs
  return width
}

export function tierOf(bucketMs: number): BucketSeries['tier'] {
  if (bucketMs % hourMs === 0) return 'hour'
  return bucketMs % minuteMs === 0 ? 'minute' : 'buckets'
}
