// Every WebSocket message, grouped by direction: unions on `type`. hub/PROTOCOL.md says the same in prose.

import * as z from 'zod/mini'
import { ErrorCode } from './codes.ts'
import {
  Command,
  Cursor,
  Device,
  DeviceId,
  Gap,
  Instant,
  Params,
  Profile,
  Rejection,
  Reply,
  Role,
  Segment,
} from './model.ts'

const Ref = z.string().check(z.minLength(1), z.maxLength(64))
const Tag = z.string().check(z.minLength(1), z.maxLength(64))

/** First message of a client that could not send its credentials with the handshake. */
export const AuthMessage = z.object({
  type: z.literal('auth'),
  ticket: z.optional(z.string()),
  key: z.optional(z.string()),
})
export type AuthMessage = z.infer<typeof AuthMessage>

// device → hub

/** Who is speaking. `stream` is a random id under which `seq` counts; a gateway says one hello for each device. */
export const HelloMessage = z.object({
  type: z.literal('hello'),
  device: DeviceId,
  profile: z.optional(Profile),
  stream: z.optional(z.string().check(z.minLength(1), z.maxLength(64))),
})

/** Readings to be kept. Each entry is checked on its own by intake, so that a bad one harms only itself. */
export const ReadingsMessage = z.object({
  type: z.literal('readings'),
  seq: z.int().check(z.gte(0)),
  device: z.optional(DeviceId),
  readings: z.array(z.unknown()),
})
export const ReplyMessage = z.object({ type: z.literal('reply'), ...Reply.shape })

export const DeviceMessage = z.discriminatedUnion('type', [AuthMessage, HelloMessage, ReadingsMessage, ReplyMessage])
export type DeviceMessage = z.infer<typeof DeviceMessage>

// hub → device

export const DeviceWelcome = z.object({
  type: z.literal('welcome'),
  device: DeviceId,
  at: Instant,
  limits: z.object({ messageBytes: z.int(), readingsPerMessage: z.int(), inFlight: z.int() }),
})
/** The readings of `seq` are on disk, but for those in `rejected`. */
export const Ack = z.object({
  type: z.literal('ack'),
  seq: z.int(),
  accepted: z.int(),
  rejected: z.array(Rejection),
  durable: z.literal('disk'),
  /** This `stream` and `seq` were kept before; nothing was stored again. */
  duplicate: z.optional(z.boolean()),
})
/** Nothing of `seq` was kept; send it again after `retryAfterMs` where that is given. */
export const Nack = z.object({
  type: z.literal('nack'),
  seq: z.int(),
  code: ErrorCode,
  detail: z.string(),
  retryAfterMs: z.optional(z.int()),
})
export const DeviceCommand = z.object({
  type: z.literal('command'),
  id: z.string(),
  name: z.string(),
  params: Params,
  expiresAt: Instant,
  /** Set on a gateway's socket: which of its devices is meant. */
  device: z.optional(DeviceId),
})
export type DeviceCommand = z.infer<typeof DeviceCommand>

export const ErrorMessage = z.object({
  type: z.literal('error'),
  ref: z.optional(z.string()),
  code: ErrorCode,
  detail: z.string(),
  errors: z.optional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
})

export const ToDevice = z.discriminatedUnion('type', [DeviceWelcome, Ack, Nack, DeviceCommand, ErrorMessage])
export type ToDevice = z.infer<typeof ToDevice>

// console → hub

/** `all`: every reading; `latest`: at most one value a metric each `everyMs`. `from`: a cursor to resume, or an instant. */
export const WatchMessage = z.object({
  type: z.literal('watch'),
  id: Ref,
  devices: z.union([z.literal('*'), z.object({ tag: Tag }), z.array(DeviceId)]),
  mode: z.optional(z.enum(['all', 'latest'])),
  everyMs: z.optional(z.int().check(z.gte(50), z.lte(3_600_000))),
  from: z.optional(z.union([Cursor, Instant])),
})
export type WatchMessage = z.infer<typeof WatchMessage>
export const UnwatchMessage = z.object({ type: z.literal('unwatch'), id: Ref })
export const CommandRequest = z.object({
  type: z.literal('command'),
  id: Ref,
  device: DeviceId,
  name: z.string(),
  params: z.optional(Params),
  ttlMs: z.optional(z.int().check(z.gte(100), z.lte(2_592_000_000))),
  ifOffline: z.optional(z.enum(['queue', 'fail'])),
  idempotencyKey: z.optional(z.string().check(z.minLength(1), z.maxLength(128))),
})
export const PingMessage = z.object({ type: z.literal('ping'), at: z.number() })

export const ConsoleMessage = z.discriminatedUnion('type', [
  AuthMessage,
  WatchMessage,
  UnwatchMessage,
  CommandRequest,
  PingMessage,
])
export type ConsoleMessage = z.infer<typeof ConsoleMessage>

// hub → console

export const ConsoleWelcome = z.object({
  type: z.literal('welcome'),
  at: Instant,
  session: z.string(),
  role: Role,
  cursor: Cursor,
  resumeMs: z.int(),
})
/** The answer to `watch`: the devices as they are, what memory has of them since `from`, and what is missing. */
export const Watching = z.object({
  type: z.literal('watching'),
  id: z.string(),
  cursor: Cursor,
  devices: z.array(Device),
  recent: z.array(Segment),
  gaps: z.array(Gap),
})
export const LiveReadings = z.object({ type: z.literal('readings'), cursor: Cursor, segments: z.array(Segment) })
/** A device joined, changed, or was removed. */
export const DeviceChanged = z.object({ type: z.literal('device'), device: Device, removed: z.optional(z.boolean()) })
export const CommandChanged = z.object({ type: z.literal('command'), ref: z.optional(z.string()), command: Command })
export const Behind = z.object({ type: z.literal('behind'), skippedFrom: Instant })
export const CaughtUp = z.object({ type: z.literal('caughtUp'), gaps: z.array(Gap) })
/** `cursor`: everything before it was sent, so that a quiet watch can still resume; left out while `behind`. */
export const Pong = z.object({ type: z.literal('pong'), at: z.number(), hubAt: Instant, cursor: z.optional(Cursor) })

export const ToConsole = z.discriminatedUnion('type', [
  ConsoleWelcome,
  Watching,
  LiveReadings,
  DeviceChanged,
  CommandChanged,
  Behind,
  CaughtUp,
  Pong,
  ErrorMessage,
])
export type ToConsole = z.infer<typeof ToConsole>
