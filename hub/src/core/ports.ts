// All that the core needs from outside. Technology lives in adapters; a port names a role.

import type {
  Command,
  CommandState,
  DeviceCommand,
  KeyInfo,
  Latest,
  MetricType,
  OriginEntry,
  Profile,
  Role,
  Transport,
  Value,
} from '../protocol/index.ts'

/** Time, and the only timers the core has. */
export interface Clock {
  /** Epoch milliseconds. Can jump; never measure with it. */
  now(): number
  /** Milliseconds that only grow. */
  monotonic(): number
  /** Calls once after `ms`; the answer cancels. */
  after(ms: number, run: () => void): () => void
  /** Calls each `ms` until cancelled. */
  every(ms: number, run: () => void): () => void
}

/** Events with fields. error = a human must act · warn = healed itself · info = lifecycle · debug = messages. */
export interface Log {
  debug(event: string, fields?: Record<string, unknown>): void
  info(event: string, fields?: Record<string, unknown>): void
  warn(event: string, fields?: Record<string, unknown>): void
  error(event: string, fields?: Record<string, unknown>): void
}

/**
 * The checked readings of one message of one device, in columns: `columns[m][i]` is the value of `metrics[m]` at `at[i]`,
 * `null` where there is none. A journal record and, merged, a live segment.
 */
export interface Batch {
  readonly device: string
  /** Hub time of arrival. */
  readonly receivedAt: number
  /** Identity of the message at its sender; the same pair again is the same message. */
  readonly stream?: string | undefined
  readonly seq?: number | undefined
  /** Device time, epoch ms, in the order sent. */
  readonly at: readonly number[]
  readonly metrics: readonly string[]
  readonly columns: readonly (readonly (Value | null)[])[]
  /** How many values are not null: the number of readings. */
  readonly count: number
}

/** A place in the journal: how many readings were accepted before it, since the journal began. */
export type Position = number

/** A batch and the position just after it. */
export interface Entry {
  readonly batch: Batch
  readonly end: Position
}

/** The hub's append-only log on disk; what is in it is acknowledged. */
export interface Journal {
  /** Names this journal; another one has another epoch. `[a-z0-9]{1,32}` */
  readonly epoch: string
  /** The end of what is on disk. */
  readonly head: Position
  /** The oldest position that can still be read. */
  readonly tail: Position
  /**
   * Resolves with the position after the batch once it is on disk (after the fdatasync that covers it), in order of the
   * calls. Rejects with HubError `journal-full` (budget used up), `overloaded` (too much waiting) or `hub-error` (disk):
   * then the batch is not in the journal.
   */
  append(batch: Batch): Promise<Position>
  /** Entries from the one that contains `from` on, up to the head at the time of the call, oldest first. */
  read(from: Position): AsyncIterable<Entry>
  /** Nobody needs anything before `position` any more; whole segments may go. */
  release(position: Position): Promise<void>
  stats(): { bytes: number; budgetBytes: number }
  /** Finishes the running commit. */
  close(): Promise<void>
}

/** One metric of one device, as the store knows it. */
export interface Series {
  readonly device: string
  readonly metric: string
  readonly type: MetricType
}

/** How far the store has come, in which journal. */
export interface Mark {
  readonly epoch: string
  readonly position: Position
}

export interface Points {
  readonly at: number[]
  readonly value: Value[]
}

export interface Buckets {
  /** Start of each bucket; empty buckets are left out. */
  readonly at: number[]
  /** Absent for text. Booleans count as 0 and 1. */
  readonly min?: number[]
  readonly max?: number[]
  readonly mean?: number[]
  readonly count: number[]
  readonly last: Value[]
}

/** Where the time series live: a view of the journal. All methods give StoreError. */
export interface SeriesStore {
  readonly backend: string
  /** Where the last write ended, or undefined for an empty store. */
  mark(): Promise<Mark | undefined>
  /**
   * Stores all batches, or none, and moves the mark to `upTo` with them. Writing the same again changes nothing; another
   * value for the same device, metric and time replaces the older one.
   */
  write(batches: readonly Batch[], upTo: Mark): Promise<void>
  /** Every series known, for the check of types. */
  series(): Promise<readonly Series[]>
  /** Readings with `from <= at < to`, oldest first, at most `limit`. */
  raw(device: string, metric: string, range: { from: number; to: number; limit: number }): Promise<Points>
  /** Buckets of `bucketMs`, aligned to multiples of it since the epoch, for `from <= at < to`. */
  buckets(device: string, metric: string, range: { from: number; to: number; bucketMs: number }): Promise<Buckets>
  /** The newest reading of every series of a device. */
  latest(device: string): Promise<Record<string, Latest>>
  /** Deletes all series of a device. */
  forget(device: string): Promise<void>
  /** Resolves when the store can be used now; otherwise StoreError says what is wrong. */
  check(): Promise<void>
  close(): Promise<void>
}

/** A way to reach one device right now, whatever it is connected by. */
export interface DeviceLink {
  readonly via: Transport
  /** Hands the command over; does not wait for the device. Throws when the link is gone. */
  deliver(command: DeviceCommand): void
  /** Ends the link, because a newer one took over or its key was revoked. */
  close(reason: 'replaced' | 'revoked' | 'going-away'): void
}

/** A device as it is kept. */
export interface DeviceRecord {
  readonly id: string
  readonly createdAt: number
  readonly version: number
  readonly name?: string | undefined
  readonly tags?: readonly string[] | undefined
  readonly notes?: string | undefined
  readonly profile?: Profile | undefined
  /** Types of its metrics, fixed by the first value of each. */
  readonly types: Readonly<Record<string, MetricType>>
  readonly latest: Readonly<Record<string, Latest>>
  readonly lastSeenAt?: number | undefined
  readonly everyMs?: number | undefined
}

export interface KeyRecord extends KeyInfo {
  /** SHA-256 of the secret part, hex. */
  readonly hash: string
}

export interface AuditEntry {
  readonly at: number
  readonly actor?: string | undefined
  readonly origin?: string | undefined
  readonly action: string
  readonly target?: string | undefined
  /** `ok` or an error code. */
  readonly result: string
  readonly detail?: string | undefined
}

/** What `GET /commands` can ask for. Newest first; `before` is the id of the last one already seen. */
export interface CommandFilter {
  readonly device?: string | undefined
  readonly state?: CommandState | undefined
  readonly name?: string | undefined
  readonly actor?: string | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly before?: string | undefined
  readonly limit: number
}

/** Everything the hub keeps that is not a reading. A promise resolves once the change is on disk. */
export interface Records {
  readonly devices: {
    all(): Promise<readonly DeviceRecord[]>
    /** Inserts or replaces, all in one transaction. */
    save(devices: readonly DeviceRecord[]): Promise<void>
    remove(id: string): Promise<void>
  }
  readonly keys: {
    all(): Promise<readonly KeyRecord[]>
    find(id: string): Promise<KeyRecord | undefined>
    save(key: KeyRecord): Promise<void>
    /** Remembers when keys were last used; may be late, never blocks a request. */
    touch(used: ReadonlyMap<string, number>): Promise<void>
  }
  readonly origins: {
    all(): Promise<readonly { origin: string; grant?: Role | undefined; addedAt: number }[]>
    save(entry: OriginEntry & { addedAt: number }): Promise<void>
    remove(origin: string): Promise<void>
  }
  readonly commands: {
    /** Inserts or replaces. */
    save(command: Command): Promise<void>
    find(id: string): Promise<Command | undefined>
    /** By the caller's own key of idempotency: `actor` is the id of the caller's key. */
    findIdempotent(actor: string, idempotencyKey: string): Promise<Command | undefined>
    list(filter: CommandFilter): Promise<readonly Command[]>
    /** All that have not ended, oldest first. */
    open(): Promise<readonly Command[]>
  }
  readonly audit: {
    append(entry: AuditEntry): Promise<void>
    list(page: { limit: number; before?: number | undefined }): Promise<readonly (AuditEntry & { id: number })[]>
  }
  close(): Promise<void>
}
