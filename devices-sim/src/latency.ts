// Percentiles of a long run in little memory: a count for each of some hundred ranges of time, not a list.

export interface Latency {
  add(ms: number): void
  /** The time under which this share (0 to 1) lies, to about 5 %; undefined while there is none. */
  percentile(share: number): number | undefined
  max(): number
}

/** Each range is 10 % wider than the one before: from 0.1 ms to an hour in 183 of them. */
const growth = 1.1
const leastMs = 0.1
const ranges = 190

export function createLatency(): Latency {
  const counts = new Uint32Array(ranges)
  let total = 0
  let longestMs = 0

  return {
    add(ms) {
      const range = Math.floor(Math.log(Math.max(ms, leastMs) / leastMs) / Math.log(growth))
      const index = Math.min(range, ranges - 1)
      counts[index] = (counts[index] ?? 0) + 1
      total += 1
      longestMs = Math.max(longestMs, ms)
    },

    percentile(share) {
      if (total === 0) return undefined
      let left = Math.ceil(total * share)
      const index = counts.findIndex((count) => {
        left -= count
        return left <= 0
      })
      // The middle of the range, but never more than was ever seen.
      return Math.min(leastMs * growth ** (index + 0.5), longestMs)
    },

    max: () => longestMs,
  }
}
