// Bodies of `/api/v1` that are not already in the model. The OpenAPI document is made from these.

import * as z from 'zod/mini'
import { ErrorCode } from './codes.ts'
import {
  Command,
  Device,
  DeviceId,
  Gap,
  Instant,
  KeyKind,
  MetricType,
  Params,
  Rejection,
  Role,
  Value,
} from './model.ts'

/** The readings of one device, `{at?, values: {metric: value}}` each; `device` may be left out with a device key. */
export const ReadingsBody = z.object({ device: z.optional(DeviceId), readings: z.array(z.unknown()) })
export type ReadingsBody = z.infer<typeof ReadingsBody>
/** `POST /readings`: one batch or an array of them. */
export const ReadingsRequest = z.union([ReadingsBody, z.array(ReadingsBody).check(z.minLength(1), z.maxLength(1_000))])
export type ReadingsRequest = z.infer<typeof ReadingsRequest>
/** `index` in `rejected` counts the readings of all batches of the body, from 0. Everything else is on disk. */
export const ReadingsAnswer = z.object({
  accepted: z.int(),
  rejected: z.array(Rejection),
  durable: z.literal('disk'),
})
export type ReadingsAnswer = z.infer<typeof ReadingsAnswer>

/** `GET /devices`; `next` is the `cursor` of the page after this one, as in the `Link` header. */
export const DeviceList = z.object({ devices: z.array(Device), total: z.int(), next: z.optional(z.string()) })
export type DeviceList = z.infer<typeof DeviceList>
export const DevicePatch = z.object({
  name: z.optional(z.nullable(z.string().check(z.maxLength(200)))),
  tags: z.optional(z.array(z.string().check(z.minLength(1), z.maxLength(64))).check(z.maxLength(32))),
  notes: z.optional(z.nullable(z.string().check(z.maxLength(4000)))),
})
export type DevicePatch = z.infer<typeof DevicePatch>

/** One metric: every reading in the range, oldest first. */
export const RawSeries = z.object({
  tier: z.literal('raw'),
  type: MetricType,
  at: z.array(Instant),
  value: z.array(Value),
})
export type RawSeries = z.infer<typeof RawSeries>
/**
 * One metric in buckets of `bucketMs` that start at `at`, a multiple of it; empty ones are left out. Booleans count as 0 and 1 in
 * `min`, `max` and `mean`, text has only `count`, `first` and `last`. `bucketMs` is a whole number of hours in the tier `hour`, of
 * minutes in `minute`.
 */
export const BucketSeries = z.object({
  tier: z.enum(['buckets', 'minute', 'hour']),
  type: MetricType,
  bucketMs: z.int(),
  at: z.array(Instant),
  min: z.optional(z.array(z.number())),
  max: z.optional(z.array(z.number())),
  mean: z.optional(z.array(z.number())),
  count: z.array(z.int()),
  first: z.array(Value),
  last: z.array(Value),
})
export type BucketSeries = z.infer<typeof BucketSeries>
/**
 * `GET /devices/{id}/readings`: each metric as it is, or in buckets. `gaps` says where the device has no readings and why: in order
 * of time, without overlap.
 */
export const History = z.object({
  device: DeviceId,
  from: Instant,
  to: Instant,
  series: z.record(z.string(), z.discriminatedUnion('tier', [RawSeries, BucketSeries])),
  gaps: z.array(Gap),
})
export type History = z.infer<typeof History>
/** `GET /readings`: the histories of several devices over one range, in the order asked. */
export const HistoryList = z.object({ histories: z.array(History) })
export type HistoryList = z.infer<typeof HistoryList>

/** `POST /devices/{id}/commands`. */
export const CommandBody = z.object({
  name: z.string(),
  params: z.optional(Params),
  ttlMs: z.optional(z.int().check(z.gte(100), z.lte(2_592_000_000))),
  ifOffline: z.optional(z.enum(['queue', 'fail'])),
})
export type CommandBody = z.infer<typeof CommandBody>
export const CommandList = z.object({ commands: z.array(Command) })
export type CommandList = z.infer<typeof CommandList>

/** A key without its secret. */
export const KeyInfo = z.object({
  id: z.string(),
  kind: KeyKind,
  name: z.string(),
  device: z.optional(DeviceId),
  createdAt: Instant,
  lastUsedAt: z.optional(Instant),
  expiresAt: z.optional(Instant),
  revokedAt: z.optional(Instant),
})
export type KeyInfo = z.infer<typeof KeyInfo>
export const NewKey = z.object({
  kind: KeyKind,
  name: z.string().check(z.minLength(1), z.maxLength(200)),
  device: z.optional(DeviceId),
  expiresAt: z.optional(Instant),
})
export type NewKey = z.infer<typeof NewKey>
export const KeyList = z.object({ keys: z.array(KeyInfo) })
export type KeyList = z.infer<typeof KeyList>
/** The answer to `POST /keys`: the only time `secret` is shown. */
export const CreatedKey = z.object({ ...KeyInfo.shape, secret: z.string() })
export type CreatedKey = z.infer<typeof CreatedKey>

/** An allowed origin; `source` says whether the environment or a person allowed it. `grant` caps what a key can do from there. */
export const OriginEntry = z.object({
  origin: z.string(),
  grant: z.optional(Role),
  source: z.enum(['environment', 'records']),
  addedAt: z.optional(Instant),
})
export type OriginEntry = z.infer<typeof OriginEntry>
export const OriginList = z.object({ origins: z.array(OriginEntry) })
export type OriginList = z.infer<typeof OriginList>
/** `POST /origins`: as in `TELEHUB_ORIGINS`, `https://a.test` or `insecure:http://a.test`; the grant may also be written behind a `=`. */
export const NewOrigin = z.object({ origin: z.string().check(z.maxLength(400)), grant: z.optional(Role) })
export type NewOrigin = z.infer<typeof NewOrigin>
/** One origin that was refused within the last hour, with what would allow it. */
export const RefusedOrigin = z.object({
  origin: z.string(),
  where: z.enum(['http', 'preflight', 'ws']),
  code: ErrorCode,
  count: z.int(),
  lastAt: Instant,
  fix: z.optional(z.string()),
  /** The allowed origin it was probably meant to be; `differsIn` completes "it differs in …". */
  nearest: z.optional(z.object({ origin: z.string(), differsIn: z.string() })),
})
export type RefusedOrigin = z.infer<typeof RefusedOrigin>
/** `GET /origins/refused`, newest first. */
export const RefusedList = z.object({ refused: z.array(RefusedOrigin) })
export type RefusedList = z.infer<typeof RefusedList>
/** `GET /origin-check`: what the hub thinks of the page that asks; `origin` is null for a request without one. */
export const OriginCheck = z.object({
  origin: z.nullable(z.string()),
  allowed: z.boolean(),
  reason: z.string(),
  fix: z.optional(z.string()),
})
export type OriginCheck = z.infer<typeof OriginCheck>

export const Ticket = z.object({ ticket: z.string(), expiresAt: Instant })
export type Ticket = z.infer<typeof Ticket>

/**
 * `GET /stats`. Counts are of readings since the journal began, restarts included: `accepted = stored + pending + deadLetter
 * + expired` in every answer. A dead letter that was retried counts as stored; `expired` was lost to a damaged disk.
 */
export const Stats = z.object({
  at: Instant,
  uptimeMs: z.int(),
  journal: z.object({
    accepted: z.int(),
    stored: z.int(),
    pending: z.int(),
    deadLetter: z.int(),
    expired: z.int(),
    bytes: z.int(),
    budgetBytes: z.int(),
    /** What may still be appended: the rest of the budget, or less where the disk has less. */
    roomBytes: z.int(),
    /** Until there is no room, as the last seconds went on; null when what comes is also stored. */
    timeToFullMs: z.nullable(z.int()),
    /** Why readings are refused now. */
    refusal: z.optional(z.string()),
  }),
  store: z.object({ backend: z.string(), ready: z.boolean(), reason: z.optional(z.string()), lagMs: z.number() }),
  /** Readings and messages that were refused, by code. */
  rejected: z.record(z.string(), z.int()),
  /** Messages that came again under the same stream and seq. */
  duplicates: z.int(),
  /** Messages ahead of the number that was next in their stream: something before them has not arrived (yet). */
  jumps: z.int(),
  /** Readings that contradict the newest one of their metric for the very same time; the last one is kept. */
  conflicts: z.int(),
  readingsPerSecond: z.number(),
  devices: z.object({ total: z.int(), live: z.int(), late: z.int(), silent: z.int(), offline: z.int() }),
  connections: z.object({ devices: z.int(), consoles: z.int() }),
})
export type Stats = z.infer<typeof Stats>

/** A reading that the store will never take as it is; `position` is its place in the journal, `reason` the store's words. */
export const DeadLetter = z.object({
  id: z.string(),
  position: z.int(),
  device: DeviceId,
  metric: z.string(),
  at: Instant,
  value: Value,
  receivedAt: Instant,
  reason: z.string(),
})
export type DeadLetter = z.infer<typeof DeadLetter>
/** `GET /dead-letters`, in the order of the journal; `next` is the `cursor` of the page after this one. */
export const DeadLetterList = z.object({
  deadLetters: z.array(DeadLetter),
  total: z.int(),
  next: z.optional(z.string()),
})
export type DeadLetterList = z.infer<typeof DeadLetterList>
/** `POST /dead-letters/retry`: those with `ids`, or all. */
export const RetryBody = z.object({
  ids: z.optional(z.array(z.string().check(z.maxLength(64))).check(z.maxLength(1_000))),
})
export type RetryBody = z.infer<typeof RetryBody>
/** How many are in the store now, and how many it refused again and stay. */
export const RetryAnswer = z.object({ stored: z.int(), refused: z.int() })
export type RetryAnswer = z.infer<typeof RetryAnswer>

/** Who did what, from which origin, and how it ended: `ok` or an error code. */
export const AuditEntry = z.object({
  id: z.int(),
  at: Instant,
  actor: z.optional(z.string()),
  origin: z.optional(z.string()),
  action: z.string(),
  target: z.optional(z.string()),
  result: z.string(),
  detail: z.optional(z.string()),
})
export type AuditEntry = z.infer<typeof AuditEntry>
/** `GET /audit`, newest first. */
export const AuditList = z.object({ entries: z.array(AuditEntry) })
export type AuditList = z.infer<typeof AuditList>

/** `GET /healthz`: the process is alive. */
export const Health = z.object({ alive: z.literal(true) })
/** `GET /readyz`: each thing the hub depends on. */
export const Readiness = z.object({
  ready: z.boolean(),
  checks: z.record(z.string(), z.object({ ok: z.boolean(), reason: z.optional(z.string()) })),
})
export type Readiness = z.infer<typeof Readiness>
