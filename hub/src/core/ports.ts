// All that the core needs from outside. Technology lives in adapters; a port names a role.

import type {
  Command,
  CommandState,
  DeviceCommand,
  Gap,
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
  /** A release of an earlier position than this frees nothing. */
  readonly releasableAt: Position
  stats(): JournalStats
  /** Finishes the running commit. */
  close(): Promise<void>
}

export interface JournalStats {
  /** On disk, and on the way there. */
  readonly bytes: number
  readonly budgetBytes: number
  /** What may still be appended: the budget's rest, or less where the disk has less beside the reserve for store and records. */
  readonly roomBytes: number
  /** All that was appended since the start, on disk or released. */
  readonly writtenBytes: number
  /** Why readings are refused now, naming the setting where there is one. */
  readonly refusal?: string | undefined
}

/** One reading that the store will never take as it is, with the store's own words. */
export interface DeadLetter {
  /** Names it for as long as it is one. */
  readonly id: string
  /** Of the reading itself in the journal. */
  readonly position: Position
  readonly device: string
  readonly metric: string
  /** Device time. */
  readonly at: number
  readonly value: Value
  readonly receivedAt: number
  readonly reason: string
}

/** Where dead letters are kept; bounded: see `add`. */
export interface DeadLetters {
  readonly count: number
  /** How many are of readings before `position`. */
  before(position: Position): number
  /**
   * Resolves once it is on disk. The same reading again, after a crash, changes nothing. StoreError `misconfigured` when
   * there are too many: then it is the store that is wrong, not the readings.
   */
  add(letter: DeadLetter): Promise<void>
  /** Oldest first; those after the reading at `after`. */
  list(page: { limit: number; after?: Position | undefined }): readonly DeadLetter[]
  find(id: string): DeadLetter | undefined
  /** They are in the store now. Resolves once that is on disk. */
  remove(ids: ReadonlySet<string>): Promise<void>
}

/** From and to, the latter not included. */
export type Span = readonly [from: Position, to: Position]

/** Which numbers of one stream were kept: ranges as from, to, from, to …, both ends included, ascending. */
export interface KeptStream {
  readonly device: string
  readonly stream: string
  readonly ranges: readonly number[]
}

/** What a hub must know after a restart and cannot read in its journal. */
export interface LedgerState {
  /** Everything accepted before this is in the ledger, and in the records of its devices. */
  readonly epoch: string
  readonly position: Position
  /** Readings that a damaged disk took from the journal before the store had them. */
  readonly lost: readonly Span[]
  readonly duplicates: number
  readonly jumps: number
  readonly conflicts: number
  readonly rejected: Readonly<Record<string, number>>
  readonly streams: readonly KeptStream[]
}

export interface LedgerFile {
  /** Undefined when there is none, or when it is damaged, which is logged. */
  load(): Promise<LedgerState | undefined>
  /** Resolves once it is on disk in place of the one before. */
  save(state: LedgerState): Promise<void>
}

/** One metric of one device, as the store knows it. */
export interface Series {
  readonly device: string
  readonly metric: string
  readonly type: MetricType
}

/** A series by its name. */
export type SeriesName = Pick<Series, 'device' | 'metric'>

/** `from <= at < to`, epoch ms. A question whose `signal` aborts is given up: StoreError `unavailable`. */
export interface TimeSpan {
  readonly from: number
  readonly to: number
  readonly signal?: AbortSignal | undefined
}

/**
 * How finely a store still knows the past: single readings from `raw` on, buckets of whole minutes from `minute` on, of whole
 * hours from `hour` on, nothing before. Whole hours in epoch ms, or -Infinity.
 */
export interface Kept {
  readonly raw: number
  readonly minute: number
  readonly hour: number
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
  readonly first: Value[]
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
  /** The oldest readings of a span, oldest first, at most `limit`. None for a series that is not there. */
  raw(device: string, metric: string, span: TimeSpan & { limit: number }): Promise<Points>
  /**
   * For each series, in the order asked: all its readings of the span, or undefined where there are more than `atMost`, or
   * where some are so old that only buckets are left of them.
   */
  few(series: readonly SeriesName[], span: TimeSpan & { atMost: number }): Promise<readonly (Points | undefined)[]>
  /**
   * For each series, in the order asked: buckets of `bucketMs`, aligned to multiples of it since the epoch. Late and replaced
   * readings count from the next question on. In a part of which only minutes or hours are kept, one that `from` or `to` cuts
   * counts as a whole.
   */
  buckets(series: readonly SeriesName[], span: TimeSpan & { bucketMs: number }): Promise<readonly Buckets[]>
  kept(): Promise<Kept>
  /**
   * Removes one small step of what is older than `before`: readings, once their minutes and hours are kept, and minutes. Hours
   * stay for ever, and so does what the hub has written too recently to be sure of. Resolves with whether more is left to do.
   */
  expire(before: Pick<Kept, 'raw' | 'minute'>): Promise<boolean>
  /** The newest reading of every series of a device. */
  latest(device: string): Promise<Record<string, Latest>>
  /** Deletes all series of a device. */
  forget(device: string): Promise<void>
  /** Resolves when the store can be used now; otherwise StoreError says what is wrong. */
  check(): Promise<void>
  close(): Promise<void>
}

/** Readings of one series, oldest first: `at` and `value` are equally long. */
export interface ReadingsPage extends Series, Points {}

/** Makes files of readings for other programs. */
export interface TableFiles {
  /**
   * One Parquet file of all pages, in a place of its own that `remove` deletes; who asks for it removes it. Memory does not grow
   * with the pages. HubError `overloaded` when too many are being made, `bad-request` for too many readings.
   */
  parquet(pages: AsyncIterable<ReadingsPage>): Promise<{ path: string; bytes: number; remove(): Promise<void> }>
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
  /** It was removed then; with a `createdAt` before, only this is kept of it. */
  readonly removedAt?: number | undefined
}

export interface KeyRecord extends KeyInfo {
  /** SHA-256 of the secret part, hex. */
  readonly hash: string
}

/** A time in which nothing could be measured. */
export interface KeptGap {
  /** Of all devices, where missing. */
  readonly device?: string | undefined
  readonly reason: Gap['reason']
  readonly from: number
  /** It goes on, where missing. */
  readonly to?: number | undefined
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
  readonly life: {
    /** When the hub last said that it lives, or undefined for the first time. */
    lastAlive(): Promise<number | undefined>
    alive(at: number): Promise<void>
    /** Gaps of the device, and of all, that overlap the span; oldest first, at most `limit`. */
    gaps(of: { device: string; from: number; to: number; limit: number }): Promise<readonly KeptGap[]>
    /** Those without an end. */
    open(): Promise<readonly KeptGap[]>
    /** Inserts, or replaces the one of the same device, reason and begin. Bounded: the oldest go first. */
    save(gaps: readonly KeptGap[]): Promise<void>
    forget(device: string): Promise<void>
  }
  readonly audit: {
    append(entry: AuditEntry): Promise<void>
    list(page: { limit: number; before?: number | undefined }): Promise<readonly (AuditEntry & { id: number })[]>
  }
  close(): Promise<void>
}
