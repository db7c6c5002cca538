// How often one metric usually reports, and so from which distance on two of its readings have a gap between them.

/** Anything with times in ascending order: a ring, an array. */
export interface Times {
  readonly length: number
  at(index: number): number | undefined
}

/** Enough to know a rhythm by, few enough to look at on every frame. */
const lookedAt = 33
const missedBeats = 2.5

/**
 * Two and a half times the median distance of the latest readings, and at least `leastMs`, the device's own limit: a metric
 * that reports each minute on a device that reports each second is not full of gaps.
 */
export function gapAfterMs(times: Times, leastMs: number): number {
  const distances: number[] = []
  for (let i = Math.max(1, times.length - lookedAt + 1); i < times.length; i++) {
    distances.push((times.at(i) ?? 0) - (times.at(i - 1) ?? 0))
  }
  distances.sort((a, b) => a - b)
  return Math.max(leastMs, missedBeats * (distances[distances.length >> 1] ?? 0))
}
