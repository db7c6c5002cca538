// The things that travel: ids, readings, profiles, presence, commands. One schema, one type, one name.

import * as z from 'zod/mini'
import { ErrorCode } from './codes.ts'
import { ProfileCommands } from './params.ts'

/** 1–64 characters of `A–Z a–z 0–9 _ . : -`, the first a letter or digit. */
export const DeviceId = z.string().check(z.regex(/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$/))

/** 1–64 characters of `A–Z a–z 0–9 _ . -`, the first a letter. Reserved names are refused at intake. */
export const MetricName = z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/))

/** A finite number, a boolean, or a text. */
export const Value = z.union([z.number(), z.boolean(), z.string()])
export type Value = z.infer<typeof Value>

/** Epoch milliseconds. */
export const Instant = z.int()

export const MetricType = z.enum(['number', 'boolean', 'string'])
export type MetricType = z.infer<typeof MetricType>

const Text = z.string().check(z.maxLength(200))

/** What a device says about one of its metrics. */
export const MetricProfile = z.object({
  type: MetricType,
  unit: z.optional(z.string().check(z.maxLength(16))),
  title: z.optional(Text),
  precision: z.optional(z.int().check(z.gte(0), z.lte(10))),
  min: z.optional(z.number()),
  max: z.optional(z.number()),
  primary: z.optional(z.boolean()),
})
export type MetricProfile = z.infer<typeof MetricProfile>

/** What a device says about itself. */
export const Profile = z.object({
  type: z.optional(Text),
  name: z.optional(Text),
  firmware: z.optional(Text),
  simulated: z.optional(z.boolean()),
  reportEveryMs: z.optional(z.int().check(z.gte(10))),
  tags: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(32))),
  metrics: z.optional(z.record(MetricName, MetricProfile)),
  commands: z.optional(ProfileCommands),
})
export type Profile = z.infer<typeof Profile>

/**
 * How fresh a device is, by its own rhythm: `live` reports as it usually does, `late` has missed a beat, `silent` has
 * missed many, `offline` has no link and is silent.
 */
export const PresenceStatus = z.enum(['live', 'late', 'silent', 'offline'])
export type PresenceStatus = z.infer<typeof PresenceStatus>

export const Transport = z.enum(['ws', 'http', 'mqtt'])
export type Transport = z.infer<typeof Transport>

export const Presence = z.object({
  status: PresenceStatus,
  /** Whether a command can be delivered right now. */
  linked: z.boolean(),
  via: z.optional(Transport),
  /** When `status` became what it is. */
  since: Instant,
  /** Hub time of the newest reading received. */
  lastSeenAt: z.optional(Instant),
  /** The learned time between two reports. */
  everyMs: z.optional(z.number()),
})
export type Presence = z.infer<typeof Presence>

/** The newest value of one metric. */
export const Latest = z.object({ at: Instant, value: Value })
export type Latest = z.infer<typeof Latest>

/** A device as consoles see it. `name`, `tags`, `notes` given by people win over the profile's. */
export const Device = z.object({
  id: DeviceId,
  name: z.optional(Text),
  tags: z.array(z.string()),
  notes: z.optional(z.string()),
  profile: z.optional(Profile),
  presence: Presence,
  latest: z.record(z.string(), Latest),
  createdAt: Instant,
  /** Grows with every change of `name`, `tags`, `notes` or profile; the ETag of `GET /devices/{id}`. */
  version: z.int(),
})
export type Device = z.infer<typeof Device>

/** Readings of one device in columns: `values[metric]` is as long as `at`, `null` where a metric has no value then. */
export const Segment = z.object({
  device: DeviceId,
  at: z.array(Instant),
  values: z.record(z.string(), z.array(z.nullable(Value))),
})
export type Segment = z.infer<typeof Segment>

/** An interval without readings. `expired`: older than memory and store hold. */
export const GapReason = z.enum(['device-offline', 'hub-down', 'expired', 'behind', 'dropped'])
export const Gap = z.object({ from: Instant, to: Instant, reason: GapReason })
export type Gap = z.infer<typeof Gap>

/** Up to `Cursor` everything is known: `<epoch>:<position>`, the position being a count of accepted readings. */
export const Cursor = z.string().check(z.regex(/^[a-z0-9]{1,32}:\d{1,15}$/))

export const KeyKind = z.enum(['device', 'gateway', 'viewer', 'operator', 'admin'])
export type KeyKind = z.infer<typeof KeyKind>

/** What a console may be. */
export const Role = z.enum(['viewer', 'operator', 'admin'])
export type Role = z.infer<typeof Role>

export const CommandState = z.enum([
  'queued',
  'sent',
  'delivered',
  'running',
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'expired',
  'cancelled',
  'unknown',
])
export type CommandState = z.infer<typeof CommandState>

/** Who caused something: a key and, when the request came from a page, that page's origin. */
export const Actor = z.object({ key: z.string(), name: z.string(), kind: KeyKind, origin: z.optional(z.string()) })
export type Actor = z.infer<typeof Actor>

export const CommandChange = z.object({
  state: CommandState,
  at: Instant,
  by: z.optional(Actor),
  progress: z.optional(z.number()),
})
export type CommandChange = z.infer<typeof CommandChange>

export const ReplyError = z.object({
  code: z.string().check(z.maxLength(64)),
  message: z.string().check(z.maxLength(1000)),
})

/** What a device says about a command. */
export const Reply = z.object({
  id: z.string().check(z.maxLength(64)),
  state: z.enum(['delivered', 'running', 'succeeded', 'failed', 'rejected']),
  progress: z.optional(z.number().check(z.gte(0), z.lte(1))),
  result: z.optional(z.unknown()),
  error: z.optional(ReplyError),
})
export type Reply = z.infer<typeof Reply>

export const Params = z.record(z.string(), z.unknown())
export type Params = z.infer<typeof Params>

/** A request to a device, with its whole life in `changes`, oldest first. */
export const Command = z.object({
  id: z.string(),
  device: DeviceId,
  name: z.string(),
  params: Params,
  state: CommandState,
  /** When the hub accepted it. */
  at: Instant,
  by: Actor,
  /** Not sent after this. */
  expiresAt: Instant,
  /** Once sent, `timed-out` after this. */
  deadlineAt: z.optional(Instant),
  ifOffline: z.enum(['queue', 'fail']),
  idempotencyKey: z.optional(z.string()),
  progress: z.optional(z.number()),
  result: z.optional(z.unknown()),
  error: z.optional(ReplyError),
  /** What the device said after the end; the end stands. */
  lateReply: z.optional(z.object({ ...Reply.shape, at: Instant })),
  changes: z.array(CommandChange),
})
export type Command = z.infer<typeof Command>

/** Why one reading, or one metric of it, was not accepted. `index` is its place in the message. */
export const Rejection = z.object({
  index: z.int(),
  metric: z.optional(z.string()),
  code: ErrorCode,
  detail: z.string(),
})
export type Rejection = z.infer<typeof Rejection>

/** An error answer over HTTP: RFC 9457 problem details with a stable `code`. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: ErrorCode,
  detail: z.string(),
  errors: z.optional(z.array(z.object({ pointer: z.string(), detail: z.string() }))),
})
export type Problem = z.infer<typeof Problem>
