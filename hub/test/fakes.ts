// Stand-ins for what lies outside the core: records and journal in memory, a log that can be read, a clock that is set by hand.

import type { CommandFilter, Entry, Journal, KeyRecord, Log, Records, SeriesStore } from '../src/core/ports.ts'
import type { Command, OriginEntry } from '../src/protocol/index.ts'

export function memoryRecords(): Records {
  const devices = new Map<string, Awaited<ReturnType<Records['devices']['all']>>[number]>()
  const keys = new Map<string, KeyRecord>()
  const origins = new Map<string, OriginEntry & { addedAt: number }>()
  const commands = new Map<string, Command>()
  const audit: Awaited<ReturnType<Records['audit']['list']>>[number][] = []
  return {
    devices: {
      all: async () => [...devices.values()],
      save: async (saved) => {
        for (const device of saved) devices.set(device.id, device)
      },
      remove: async (id) => void devices.delete(id),
    },
    keys: {
      all: async () => [...keys.values()],
      find: async (id) => keys.get(id),
      save: async (key) => void keys.set(key.id, key),
      touch: async () => {},
    },
    origins: {
      all: async () => [...origins.values()],
      save: async (entry) => void origins.set(entry.origin, entry),
      remove: async (origin) => void origins.delete(origin),
    },
    commands: {
      save: async (command) => void commands.set(command.id, command),
      find: async (id) => commands.get(id),
      findIdempotent: async (actor, key) =>
        [...commands.values()].find(({ by, idempotencyKey }) => by.key === actor && idempotencyKey === key),
      list: async (filter) => newestFirst([...commands.values()], filter),
      open: async () => [...commands.values()],
    },
    audit: {
      append: async (entry) => void audit.unshift({ ...entry, id: audit.length + 1 }),
      list: async ({ limit, before = Number.POSITIVE_INFINITY }) =>
        audit.filter(({ id }) => id < before).slice(0, limit),
    },
    close: async () => {},
  }
}

function newestFirst(all: Command[], { before, device, state, limit }: CommandFilter): Command[] {
  const sorted = all.sort((a, b) => (a.id < b.id ? 1 : -1))
  return sorted
    .filter(
      (command) =>
        (before === undefined || command.id < before) &&
        (device ?? command.device) === command.device &&
        (state ?? command.state) === command.state,
    )
    .slice(0, limit)
}

/** Keeps every entry; `refuse` makes the next appends fail with that error. */
export function memoryJournal() {
  const entries: Entry[] = []
  let head = 0
  let refusal: Error | undefined
  const journal: Journal = {
    epoch: 'test',
    get head() {
      return head
    },
    tail: 0,
    async append(batch) {
      if (refusal) throw refusal
      head += batch.count
      entries.push({ batch, end: head })
      return head
    },
    async *read(from) {
      for (const entry of entries) if (entry.end > from) yield entry
    },
    release: async () => {},
    stats: () => ({ bytes: 0, budgetBytes: 1 }),
    close: async () => {},
  }
  return {
    journal,
    entries,
    refuse(error: Error | undefined) {
      refusal = error
    },
  }
}

/** Has no readings and never fails. */
export function emptyStore(): SeriesStore {
  return {
    backend: 'empty',
    mark: async () => undefined,
    write: async () => {},
    series: async () => [],
    raw: async () => ({ at: [], value: [] }),
    buckets: async () => ({ at: [], count: [], last: [] }),
    latest: async () => ({}),
    forget: async () => {},
    check: async () => {},
    close: async () => {},
  }
}

/** Every line as one JSON text, so that a test can look for what must not be there. */
export function readableLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const write = (level: string) => (event: string, fields?: Record<string, unknown>) =>
    void lines.push(JSON.stringify({ level, event, ...fields }))
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
