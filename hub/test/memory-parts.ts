// Journal, store and records in memory, for tests of the core alone. The real ones have their contract suites.

import type {
  Batch,
  DeadLetter,
  DeadLetters,
  Entry,
  Journal,
  LedgerFile,
  LedgerState,
  Log,
  Mark,
  Records,
  SeriesStore,
} from '../src/core/ports.ts'
import type { Command } from '../src/protocol/index.ts'

export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** `fail` makes the next appends fail with it. */
export function createMemoryJournal(): Journal & { entries: Entry[]; fail: Error | undefined } {
  const entries: Entry[] = []
  let head = 0
  let tail = 0
  const journal = {
    epoch: 'memory',
    entries,
    fail: undefined as Error | undefined,
    get head() {
      return head
    },
    get tail() {
      return tail
    },
    async append(batch: Batch) {
      if (journal.fail) throw journal.fail
      head += batch.count
      const end = head
      entries.push({ batch, end })
      return end
    },
    async *read(from: number) {
      for (const entry of [...entries]) if (entry.end > from) yield entry
    },
    async release(position: number) {
      tail = Math.max(tail, position)
    },
    releasableAt: 0,
    stats: () => ({
      bytes: entries.length,
      budgetBytes: 1_000_000,
      roomBytes: 1_000_000 - entries.length,
      writtenBytes: entries.length,
    }),
    async close() {},
  }
  return journal
}

/** What is saved in it is loaded from it. */
export function createMemoryLedgerFile(): LedgerFile & { state: LedgerState | undefined } {
  const file = {
    state: undefined as LedgerState | undefined,
    load: async () => file.state,
    async save(state: LedgerState) {
      file.state = structuredClone(state)
    },
  }
  return file
}

export function createMemoryDeadLetters(): DeadLetters & { letters: DeadLetter[] } {
  const letters: DeadLetter[] = []
  return {
    letters,
    get count() {
      return letters.length
    },
    before: (position) => letters.filter((letter) => letter.position < position).length,
    async add(letter) {
      if (!letters.some(({ id }) => id === letter.id)) letters.push(letter)
    },
    list: ({ limit, after = -1 }) => letters.filter(({ position }) => position > after).slice(0, limit),
    find: (id) => letters.find((letter) => letter.id === id),
    async remove(ids) {
      letters.splice(0, letters.length, ...letters.filter(({ id }) => !ids.has(id)))
    },
  }
}

/** `fault` decides about each write: an error refuses it. */
export function createMemoryStore(fault: (batches: readonly Batch[]) => Error | undefined = () => undefined) {
  const written: Batch[] = []
  let mark: Mark | undefined
  const store: SeriesStore & { written: Batch[]; writes: number } = {
    backend: 'memory',
    written,
    writes: 0,
    mark: async () => mark,
    async write(batches, upTo) {
      store.writes++
      const error = fault(batches)
      if (error) throw error
      written.push(...batches)
      mark = upTo
    },
    series: async () => [],
    raw: async () => ({ at: [], value: [] }),
    few: async (series) => series.map(() => ({ at: [], value: [] })),
    buckets: async (series) => series.map(() => ({ at: [], count: [], first: [], last: [] })),
    kept: async () => ({ raw: -Infinity, minute: -Infinity, hour: -Infinity }),
    expire: async () => false,
    latest: async () => ({}),
    async forget() {},
    async check() {},
    async close() {},
  }
  return store
}

export function createMemoryRecords(): Records {
  const commands = new Map<string, Command>()
  const ended = new Set(['succeeded', 'failed', 'rejected', 'timed-out', 'expired', 'cancelled', 'unknown'])
  return {
    devices: { all: async () => [], async save() {} },
    keys: { all: async () => [], find: async () => undefined, async save() {}, async touch() {} },
    origins: { all: async () => [], async save() {}, async remove() {} },
    commands: {
      async save(command) {
        commands.set(command.id, structuredClone(command))
      },
      find: async (id) => commands.get(id),
      findIdempotent: async (actor, key) =>
        [...commands.values()].find(({ by, idempotencyKey }) => by.key === actor && idempotencyKey === key),
      list: async () => [...commands.values()].reverse(),
      open: async () => [...commands.values()].filter(({ state }) => !ended.has(state)),
    },
    life: {
      lastAlive: async () => undefined,
      async alive() {},
      gaps: async () => [],
      open: async () => [],
      async save() {},
      async forget() {},
    },
    audit: { async append() {}, list: async () => [] },
    async close() {},
  }
}

/** A batch of one metric at the times given. */
export function batchOf(
  device: string,
  at: number[],
  values: (number | boolean | string)[],
  metric = 'temperature',
): Batch {
  return { device, receivedAt: at.at(-1) ?? 0, at, metrics: [metric], columns: [values], count: values.length }
}
