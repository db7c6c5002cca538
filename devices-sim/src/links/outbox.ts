// What the hub has not acknowledged yet: in order, bounded, sent again after a break.

import type { Elapsed } from '../wheel.ts'
import type { Message } from './carrier.ts'

/** A message that is not acknowledged. */
export interface Entry {
  readonly message: Message
  /** When it was meant to be sent: waiting counts into its latency. */
  readonly since: Elapsed
  sentAt: Elapsed
  tries: number
}

export interface OutboxOptions {
  /** Beyond so many messages the oldest waiting one is dropped; never one that is in flight and may arrive. */
  readonly keep: number
  now(): Elapsed
  transmit(message: Message, again: boolean): void
  dropped(message: Message): void
}

export interface Outbox {
  push(message: Message): void
  /** The link is up: sends all again that was in flight, then what waited, `inFlight` at a time. */
  open(inFlight: number): void
  /** The link is down: what was in flight waits again, before all else. */
  shut(): void
  /** The hub has spoken its last word on this message. Undefined when it is not in flight, as after a second answer. */
  settle(seq: number): Entry | undefined
  /** The hub wants this one again, and nothing at all before `until`. */
  hold(seq: number, until: Elapsed): Entry | undefined
  /** Goes on after `hold`, unless a later one still stands. */
  release(): void
  /** Readings that are kept. */
  pending(): number
  /** When the oldest message in flight was sent; Infinity when none is. */
  oldestFlight(): Elapsed
}

export function createOutbox({ keep, now, transmit, dropped }: OutboxOptions): Outbox {
  let waiting: Entry[] = []
  /** By seq, in the order sent. */
  const flying = new Map<number, Entry>()
  let inFlight = 0
  let heldUntil: Elapsed = 0
  let readings = 0

  function flow(): void {
    if (now() < heldUntil) return
    while (flying.size < inFlight) {
      const entry = waiting.shift()
      if (!entry) return
      entry.sentAt = now()
      entry.tries += 1
      flying.set(entry.message.seq, entry)
      transmit(entry.message, entry.tries > 1)
    }
  }

  function land(seq: number): Entry | undefined {
    const entry = flying.get(seq)
    flying.delete(seq)
    return entry
  }

  function waitAgain(entries: readonly Entry[]): void {
    waiting = [...entries, ...waiting].sort((one, other) => one.message.seq - other.message.seq)
  }

  function shed(): void {
    if (waiting.length + flying.size <= keep) return
    const oldest = waiting.shift()
    if (!oldest) return
    readings -= oldest.message.count
    dropped(oldest.message)
  }

  return {
    push(message) {
      waiting.push({ message, since: now(), sentAt: 0, tries: 0 })
      readings += message.count
      flow()
      shed()
    },

    open(limit) {
      inFlight = limit
      heldUntil = 0
      flow()
    },

    shut() {
      inFlight = 0
      waitAgain([...flying.values()])
      flying.clear()
    },

    settle(seq) {
      const entry = land(seq)
      if (entry) readings -= entry.message.count
      flow()
      return entry
    },

    hold(seq, until) {
      heldUntil = Math.max(heldUntil, until)
      const entry = land(seq)
      if (entry) waitAgain([entry])
      return entry
    },

    release: flow,
    pending: () => readings,
    oldestFlight: () => flying.values().next().value?.sentAt ?? Infinity,
  }
}
