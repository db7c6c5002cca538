// A device's way to the hub, whatever it is made of: keeps what is not acknowledged, comes back after a loss, says goodbye.

import { backoff, type DeviceCommand, limits, type Profile, type Rejection, type Reply } from '@telehub/hub/protocol'
import type { Random } from '../signals/random.ts'
import type { Elapsed, Wheel } from '../wheel.ts'
import type { Carrier, CarrierEvents, Connection, Identity, Message } from './carrier.ts'
import { createOutbox } from './outbox.ts'

export interface Link {
  /** Keeps the message until the hub has it. Never blocks; what does not fit is dropped and told. */
  send(message: Message): void
  /** Readings kept for want of an acknowledgement. */
  pending(): number
  reply(reply: Reply): void
  /** Tells the hub what the device now is. */
  introduce(profile: Profile): void
  /** Waits up to `withinMs` for what is not acknowledged, then says goodbye. */
  close(withinMs: number): Promise<void>
}

export interface LinkEvents {
  online(): void
  offline(reason: string): void
  /** The hub will not have this device; nothing more is tried. */
  refused(reason: string): void
  sent(message: Message, again: boolean): void
  /** `ackMs`: since the message was meant to be sent. */
  acked(message: Message, rejections: readonly Rejection[], ackMs: number): void
  /** The hub did not take it. Unless `again`, it is given up. */
  nacked(message: Message, code: string, again: boolean): void
  dropped(message: Message): void
  /** Words of the hub about something that was not readings. */
  complaint(words: string): void
  command(command: DeviceCommand): void
}

export interface LinkOptions {
  readonly carrier: Carrier
  readonly wheel: Wheel
  readonly random: Random
  /** How many messages are kept unacknowledged; beyond it the oldest waiting one is dropped. */
  readonly keep: number
}

/** Older replies are dropped first: the newest say how a command ended. */
const repliesKept = 64
/** A link that acknowledges nothing for so long is taken for dead. */
const ackWithinMs = 30_000
/** Two heartbeats of the hub missed, and it is gone. */
const silenceMs = 3 * limits.heartbeatMs
const watchEveryMs = 10_000
/** A link that held for so long was a good one: the next loss is tried again soon. */
const steadyMs = 10_000

export function createLink(
  identity: Identity,
  { carrier, wheel, random, keep }: LinkOptions,
  events: LinkEvents,
): Link {
  let profile = identity.profile
  let connection: Connection | undefined
  let online = false
  let ended = false
  let generation = 0
  /** When the hub was last heard; Infinity where the transport has heartbeats of its own. */
  let heardAt = Infinity
  let upAt: Elapsed = 0
  let waits = backoff({ random: random.next })
  let replies: Reply[] = []
  let whenDrained = () => {}

  const outbox = createOutbox({
    keep,
    now: () => wheel.now(),
    transmit: (message, again) => {
      connection?.transmit(message)
      events.sent(message, again)
    },
    dropped: events.dropped,
  })

  function open(): void {
    if (ended) return
    connection = carrier({ ...identity, profile }, carrierEvents())
  }

  /** Those of one connection: what an earlier one still says is not heard. */
  function carrierEvents(): CarrierEvents {
    const mine = ++generation
    const heard = <Given extends unknown[]>(listener: (...given: Given) => void) => {
      return (...given: Given) => {
        if (mine === generation) listener(...given)
      }
    }
    return {
      up: heard((inFlight) => {
        // The hub welcomes each hello, also one that only tells of a change.
        if (online) return
        online = true
        upAt = wheel.now()
        events.online()
        outbox.open(inFlight)
        for (const reply of replies.splice(0)) connection?.reply(reply)
      }),
      alive: heard(() => {
        heardAt = wheel.now()
      }),
      acked: heard((seq, rejections) => {
        const entry = outbox.settle(seq)
        if (entry) events.acked(entry.message, rejections, wheel.now() - entry.since)
        if (outbox.pending() === 0) whenDrained()
      }),
      nacked: heard(nacked),
      command: heard(events.command),
      complaint: heard(events.complaint),
      down: heard((reason, { final = false } = {}) => down(reason, final)),
    }
  }

  function nacked(seq: number, code: string, retryAfterMs: number | undefined): void {
    const again = retryAfterMs !== undefined
    const until = wheel.now() + (retryAfterMs ?? 0)
    const entry = again ? outbox.hold(seq, until) : outbox.settle(seq)
    if (entry) events.nacked(entry.message, code, again)
    if (again) wheel.at(until, () => outbox.release())
    if (outbox.pending() === 0) whenDrained()
  }

  function down(reason: string, final: boolean) {
    // Not sooner: a hub that welcomes and at once hangs up must not be called twice a second.
    if (online && wheel.now() - upAt >= steadyMs) waits = backoff({ random: random.next })
    generation += 1
    connection = undefined
    online = false
    heardAt = Infinity
    outbox.shut()
    if (final) {
      ended = true
      whenDrained()
      return events.refused(reason)
    }
    events.offline(reason)
    wheel.after(waits.next().value, open)
  }

  function watch(): void {
    if (ended) return
    const dead = deathOf(wheel.now())
    if (dead) {
      connection?.abort()
      down(dead, false)
    }
    wheel.after(watchEveryMs, watch)
  }

  /** A peer that vanished without a word is found out by what it no longer does. */
  function deathOf(now: Elapsed): string | undefined {
    if (now - heardAt > silenceMs) return 'nothing heard for 45 s'
    return now - outbox.oldestFlight() > ackWithinMs ? 'no acknowledgement for 30 s' : undefined
  }

  open()
  wheel.after(watchEveryMs, watch)

  return {
    send: (message) => outbox.push(message),
    pending: () => outbox.pending(),

    reply(reply) {
      if (online && connection) return connection.reply(reply)
      replies = [...replies.slice(1 - repliesKept), reply]
    },

    introduce(changed) {
      profile = changed
      if (online) connection?.introduce(changed)
    },

    async close(withinMs) {
      await drained(withinMs)
      ended = true
      generation += 1
      await connection?.goodbye()
    },
  }

  async function drained(withinMs: number): Promise<void> {
    if (outbox.pending() === 0 || !online || ended) return
    await new Promise<void>((resolve) => {
      whenDrained = resolve
      wheel.after(withinMs, resolve)
    })
  }
}
