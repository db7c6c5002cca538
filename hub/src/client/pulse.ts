// Notices a dead connection, and measures: round trip, clock offset, traffic. One timer a client.

const pingEveryMs = 10_000
/** A hub that says nothing for this long, though asked, is gone. */
const silenceMs = 25_000

export function createPulse({
  ping,
  onDead,
  onTraffic,
}: {
  ping: (at: number) => void
  onDead: () => void
  onTraffic: (perSecond: { messages: number; readings: number }) => void
}) {
  let messages = 0
  let readings = 0
  let lastHeard = performance.now()
  let lastPing = 0
  let offsetMs = 0
  let roundTripMs: number | undefined

  const timer = setInterval(() => {
    onTraffic({ messages, readings })
    messages = 0
    readings = 0
    const now = performance.now()
    if (now - lastHeard > silenceMs) return onDead()
    if (now - lastPing < pingEveryMs) return
    lastPing = now
    ping(Date.now())
  }, 1_000)

  return {
    /** Hub time minus this computer's. */
    get offsetMs() {
      return offsetMs
    },
    get roundTripMs() {
      return roundTripMs
    },
    hubNow: () => Date.now() + offsetMs,
    heard() {
      messages++
      lastHeard = performance.now()
    },
    count(more: number) {
      readings += more
    },
    welcomed(hubAt: number) {
      offsetMs = hubAt - Date.now()
      lastPing = performance.now()
      ping(Date.now())
    },
    /** Half the round trip is the best guess of how long the answer took. */
    ponged(at: number, hubAt: number): number {
      const now = Date.now()
      roundTripMs = Math.max(0, now - at)
      offsetMs = Math.round(hubAt + roundTripMs / 2 - now)
      return roundTripMs
    },
    stop: () => clearInterval(timer),
  }
}
