// What one transport brings to a link: a single connection, with no memory and no second try.

import type { DeviceCommand, Profile, Rejection, Reply, Value } from '@telehub/hub/protocol'

/** What all metrics of a device were at one time. */
export interface Report {
  readonly at: number
  readonly values: Readonly<Record<string, Value>>
}

/** Readings that travel together. `seq` counts within the stream; the same pair again is the same message. */
export interface Message {
  readonly seq: number
  readonly readings: readonly Report[]
  /** How many values it holds: a reading is one value of one metric at one time. */
  readonly count: number
}

export interface Identity {
  readonly device: string
  /** A name for this run of this device, under which `seq` counts. */
  readonly stream: string
  readonly profile: Profile
}

/** Opens a connection. Says nothing through `events` before it has returned. */
export type Carrier = (identity: Identity, events: CarrierEvents) => Connection

export interface Connection {
  transmit(message: Message): void
  reply(reply: Reply): void
  introduce(profile: Profile): void
  /** Ends it in the way of the transport; `down` is not called after that. */
  goodbye(): Promise<void>
  /** Ends it at once. */
  abort(): void
}

export interface CarrierEvents {
  /** Ready for messages, of which `inFlight` may wait for their acknowledgement. */
  up(inFlight: number): void
  /** For transports in which the hub shows at least every `limits.heartbeatMs` that it is there. */
  alive(): void
  acked(seq: number, rejections: readonly Rejection[]): void
  nacked(seq: number, code: string, retryAfterMs: number | undefined): void
  command(command: DeviceCommand): void
  /** The hub did not like something that was neither readings nor the whole device. */
  complaint(words: string): void
  /** It is over, once. `final`: trying again would be refused again. */
  down(reason: string, options?: { final?: boolean }): void
}
