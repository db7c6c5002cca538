// A token bucket for one socket: cheap enough to ask at every message, which a limiter with promises is not.

export function createBucket({ perSecond, burst }: { perSecond: number; burst: number }) {
  let tokens = burst
  let filledAt = performance.now()
  return {
    /** False when the peer is too fast. */
    take(): boolean {
      const now = performance.now()
      tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * perSecond)
      filledAt = now
      if (tokens < 1) return false
      tokens--
      return true
    },
  }
}
