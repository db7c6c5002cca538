// The bridge to an outside broker: what devices publish there reaches the journal before the broker hears that it may forget it.

import type { Clock, Log } from '../../core/ports.ts'
import { type BridgeSession, openBridgeSession } from './bridge-session.ts'
import { parseBridgeUrl } from './bridge-url.ts'
import { createComplaints } from './complaints.ts'
import { createFirstArrivals } from './first-arrivals.ts'
import { type Core, createInbox } from './inbox.ts'

const firstWaitMs = 500
const maxWaitMs = 30_000
/** A connection that lasted this long was a good one: the next wait is short again. */
const goodAfterMs = 10_000
/** CONNACK "unacceptable protocol version", in the numbers of MQTT 3.1.1 and 5. */
const unsupportedVersion = new Set<unknown>([1, 132])

/**
 * Answers at once, also while the broker is away, and keeps trying. The session at the broker outlives connection and hub
 * (clean session 0, stable client id), so QoS 1 telemetry of the time between is delivered afterwards. Speaks MQTT 5, and
 * 3.1.1 to a broker that knows only that. HubError `bad-request` for an address that cannot be one.
 */
export async function startBridge({
  url,
  clock,
  log,
  random = Math.random,
  ...core
}: Core & {
  /** With user and password; neither is ever logged. */
  url: string
  clock: Clock
  log: Log
  random?: () => number
}): Promise<{ connected(): boolean; close(): Promise<void> }> {
  const address = parseBridgeUrl(url)
  const inbox = createInbox({ ...core, complaints: createComplaints({ clock, log }) })
  // Messages come again to a new connection, so that what is known of them outlives the old one.
  const firstArrival = createFirstArrivals({ clock })
  let version: 4 | 5 = 5
  let failures = 0
  let closed = false
  let session: BridgeSession
  let cancelWait = () => {}

  function open() {
    const openedAt = clock.monotonic()
    session = openBridgeSession({
      address,
      version,
      inbox,
      firstArrival,
      devices: core.devices,
      clock,
      log,
      ended(reason, code) {
        if (closed) return
        if (version === 5 && unsupportedVersion.has(code)) {
          version = 4
          cancelWait = clock.after(0, open)
          return
        }
        if (clock.monotonic() - openedAt >= goodAfterMs) failures = 0
        // Each wait is cut by up to half, so that hubs do not return in step.
        const waitMs = Math.min(firstWaitMs * 2 ** failures++, maxWaitMs) * (1 - random() / 2)
        const event = 'outside broker not connected, trying again'
        const fields = { broker: address.url, reason, tries: failures, waitMs: Math.round(waitMs) }
        if (failures === 1) log.warn(event, fields)
        else log.debug(event, fields)
        cancelWait = clock.after(waitMs, open)
      },
    })
  }

  open()
  return {
    connected: () => session.connected,
    async close() {
      closed = true
      cancelWait()
      await session.close()
    },
  }
}
