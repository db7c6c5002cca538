// A clock that moves only when a test says so.

import type { Clock } from '../src/core/ports.ts'

export interface FakeClock extends Clock {
  /** Runs what is due on the way, in order; lets promises settle in between. */
  advance(ms: number): Promise<void>
}

export function createFakeClock(startAt = 1_700_000_000_000): FakeClock {
  let elapsed = 0
  let order = 0
  const timers = new Map<number, { due: number; everyMs: number | undefined; run: () => void }>()

  function add(ms: number, everyMs: number | undefined, run: () => void) {
    const id = order++
    timers.set(id, { due: elapsed + ms, everyMs, run })
    return () => void timers.delete(id)
  }

  return {
    now: () => startAt + elapsed,
    monotonic: () => elapsed,
    after: (ms, run) => add(ms, undefined, run),
    every: (ms, run) => add(ms, ms, run),
    async advance(ms) {
      const end = elapsed + ms
      await settled()
      while (true) {
        const next = [...timers].filter(([, { due }]) => due <= end).sort(([a, x], [b, y]) => x.due - y.due || a - b)[0]
        if (!next) break
        const [id, timer] = next
        elapsed = Math.max(elapsed, timer.due)
        if (timer.everyMs === undefined) timers.delete(id)
        else timer.due += timer.everyMs
        timer.run()
        await settled()
      }
      elapsed = end
      await settled()
    },
  }
}

/** Everything that is only waiting for other promises has gone on. */
export async function settled() {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve))
}
