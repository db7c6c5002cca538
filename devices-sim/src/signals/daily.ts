// The rhythm of a day, in UTC so that a run does not depend on where it is made.

const dayMs = 86_400_000

/** A smooth curve with one peak a day: `high` at `peakHour`, `low` twelve hours later. `at` is epoch ms. */
export function daily(at: number, { low, high, peakHour }: { low: number; high: number; peakHour: number }): number {
  const phase = (at / dayMs - peakHour / 24) * 2 * Math.PI
  return (low + high) / 2 + ((high - low) / 2) * Math.cos(phase)
}

/** Hour of the day with its fraction, 0 to under 24. */
export function hourOf(at: number): number {
  return (((at % dayMs) + dayMs) % dayMs) / 3_600_000
}
