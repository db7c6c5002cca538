// The embedded series store: DuckDB in one file, with rows and mark moved by the same transaction.

import { StoreError } from '../../core/errors.ts'
import type { Buckets, Log, SeriesStore } from '../../core/ports.ts'
import { carryOut } from './append.ts'
import type { KnownSeries } from './catalogue.ts'
import { planWrite } from './plan.ts'
import { readBuckets, readLatest, readRaw } from './queries.ts'
import { type Database, openDatabase } from './schema.ts'

export interface DuckdbOptions {
  file: string
  log?: Log | undefined
  /** DuckDB's own form, such as `512MB`. Larger work spills to `<file>.tmp`. */
  memoryLimit?: string
  threads?: number
}

/**
 * Rejects with StoreError `unavailable` when the file cannot be opened, for instance because another process has it.
 * A write that fails leaves nothing behind: the database is opened anew before it is used again, so that what is
 * remembered here is what is on disk, even after an error that DuckDB itself does not survive.
 */
export async function openDuckdbStore({
  file,
  log,
  memoryLimit = '512MB',
  threads = 2,
}: DuckdbOptions): Promise<SeriesStore> {
  let opened: Promise<Database> | undefined
  let closing: Promise<void> = Promise.resolve()
  let turn: Promise<unknown> = Promise.resolve()
  let closed = false

  async function reopen(): Promise<Database> {
    await closing
    return openDatabase(file, { memoryLimit, threads })
  }

  async function use<T>(
    work: (database: Database) => Promise<T>,
    isSoundAfter: (error: unknown) => boolean,
  ): Promise<T> {
    if (closed) throw new StoreError('unavailable', 'the store is closed')
    opened ??= reopen()
    const current = opened
    try {
      return await work(await current)
    } catch (error) {
      if (opened === current && !isSoundAfter(error)) abandon(current, error)
      throw asStoreError(error)
    }
  }

  function abandon(current: Promise<Database>, error: unknown) {
    log?.debug('embedded store will be opened anew', { error })
    opened = undefined
    closing = current.then(
      (database) => database.close(),
      () => {}, // it was never open
    )
  }

  async function read<T>(work: (database: Database) => Promise<T>): Promise<T> {
    return use(work, (error) => !isFatal(error))
  }

  /** One at a time. What failed half-way is undone by closing the connection. */
  async function alone<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const mine = turn.then(() => use(work, (error) => error instanceof StoreError))
    turn = mine.catch(() => {}) // its caller hears of it
    return mine
  }

  async function ofSeries<T>(device: string, metric: string, empty: T, work: SeriesQuery<T>): Promise<T> {
    return read(async ({ catalogue, readers }) => {
      const series = catalogue.find(device, metric)
      return series ? readers.use((reader) => work(reader, series)) : empty
    })
  }

  await read(async () => {})

  return {
    backend: 'duckdb',

    mark: async () => read(async (database) => database.mark),

    write: async (batches, upTo) =>
      alone(async (database) => {
        const plan = planWrite(batches, database.catalogue)
        await database.writer.run('BEGIN TRANSACTION')
        await carryOut(database.writer, plan, upTo)
        await database.writer.run('COMMIT')
        for (const series of plan.after) database.catalogue.put(series)
        database.mark = upTo
      }),

    series: async () =>
      read(async ({ catalogue }) => catalogue.all().map(({ device, metric, type }) => ({ device, metric, type }))),

    raw: async (device, metric, range) =>
      ofSeries(device, metric, { at: [], value: [] }, (reader, series) => readRaw(reader, series, range)),

    buckets: async (device, metric, range) =>
      ofSeries<Buckets>(device, metric, { at: [], count: [], last: [] }, (reader, series) =>
        readBuckets(reader, series, range),
      ),

    latest: async (device) =>
      read(async ({ catalogue, readers }) => readers.use((reader) => readLatest(reader, catalogue.ofDevice(device)))),

    forget: async (device) =>
      alone(async ({ writer, catalogue }) => {
        await writer.run('BEGIN TRANSACTION')
        for (const table of ['numbers', 'texts']) {
          await writer.run(`DELETE FROM ${table} WHERE series IN (SELECT id FROM series WHERE device = $1)`, [device])
        }
        await writer.run('DELETE FROM series WHERE device = $1', [device])
        await writer.run('COMMIT')
        catalogue.forget(device)
      }),

    check: async () => read(async ({ readers }) => readers.use(async (reader) => void (await reader.run('FROM mark')))),

    async close() {
      if (closed) return
      await alone(async ({ writer }) => void (await writer.run('CHECKPOINT'))).catch((error) => {
        // Nothing is lost: what is not in the file yet is in DuckDB's own log beside it.
        log?.warn('embedded store closed without a checkpoint', { error })
      })
      closed = true
      await closing
      await opened?.then(
        (database) => database.close(),
        () => {}, // it was never open
      )
    },
  }
}

type SeriesQuery<T> = (reader: Database['writer'], series: KnownSeries) => Promise<T>

/** After these DuckDB refuses everything until the file is opened anew. */
function isFatal(error: unknown): boolean {
  return /^FATAL Error|database has been invalidated/i.test(String(error instanceof Error ? error.message : error))
}

/** Values are checked before they get here, so what DuckDB complains about is the disk, the memory or the file. */
function asStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new StoreError('unavailable', `embedded store: ${message}`, { cause: error })
}
