// Notices a dead connection, and measures: round trip, clock offset, traffic. One timer a client.

const pingEveryMs = 10_000
/** A ping without an answer for this long: the hub is gone. */
const answerWithinMs = 15_000

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
  let connected = false
  let lastPing = 0
  /** Since when a ping has had no answer. */
  let askedAt: number | undefined
  let offsetMs = 0
  let roundTripMs: number | undefined

  function ask() {
    lastPing = performance.now()
    askedAt ??= lastPing
    ping(Date.now())
  }

  const timer = setInterval(() => {
    onTraffic({ messages, readings })
    messages = 0
    readings = 0
    if (!connected) return
    const now = performance.now()
    // Timers of a hidden page may come once a minute: only a ping that was asked and not answered says that the hub is gone.
    if (askedAt !== undefined && now - askedAt > answerWithinMs) return onDead()
    if (now - lastPing >= pingEveryMs) ask()
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
    /** Any message will do as a sign of life. */
    heard() {
      messages++
      askedAt = undefined
    },
    count(more: number) {
      readings += more
    },
    welcomed(hubAt: number) {
      connected = true
      offsetMs = hubAt - Date.now()
      ask()
    },
    /** There is no connection to watch over. */
    lost() {
      connected = false
      askedAt = undefined
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
