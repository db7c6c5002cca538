// The embedded series store: DuckDB in one file, with rows and mark moved by the same transaction.

import { StoreError } from '../../core/errors.ts'
import type { Log, SeriesName, SeriesStore } from '../../core/ports.ts'
import { carryOut } from './append.ts'
import { readBuckets } from './buckets.ts'
import type { Catalogue } from './catalogue.ts'
import { expireStep } from './expiry.ts'
import { countRecent, file as fileReadings, filingDue } from './filing.ts'
import { planWrite } from './plan.ts'
import { readFew, readLatest, readRaw } from './queries.ts'
import { type Database, openDatabase, type Tiers } from './schema.ts'
import { kinds, tablesOf } from './tiers.ts'

export interface DuckdbOptions {
  file: string
  log?: Log | undefined
  /** DuckDB's own form, such as `512MB`. Larger work spills to `<file>.tmp`. */
  memoryLimit?: string
  /** With one, a small write costs half the processor time; the queries here are small, too. */
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
  threads = 1,
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

  /** One transaction: rows, mark and tiers move together. `work` answers how the tiers are after it. */
  async function transact(database: Database, work: () => Promise<Tiers>): Promise<void> {
    await database.steps.begin()
    const tiers = await work()
    const commit = database.steps.commit()
    if (tiers !== database.tiers) database.moving = commit.catch(() => {})
    try {
      await commit
      database.tiers = tiers
    } finally {
      database.moving = undefined
    }
  }

  /** `work` gets the series that are asked for, and how readings lie in the tables; it runs again when they were moved meanwhile. */
  async function ask<Asked, T>(
    find: (catalogue: Catalogue) => Asked,
    work: (reader: Database['writer'], asked: Asked, tiers: Tiers) => Promise<T>,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    return read(async (database) =>
      database.readers.use(async (reader) => {
        while (true) {
          await database.moving
          const { tiers, catalogue } = database
          const answer = await work(reader, find(catalogue), tiers)
          if (database.tiers === tiers && database.moving === undefined) return answer
        }
      }, signal),
    )
  }

  await read(async () => {})

  return {
    backend: 'duckdb',

    mark: async () => read(async (database) => database.mark),

    write: async (batches, upTo) =>
      alone(async (database) => {
        const { writer, catalogue, tiers } = database
        const plan = planWrite(batches, catalogue, tiers.filedTo)
        const recentRows = database.recentRows + plan.recentRows
        const fileTo = filingDue(tiers, recentRows, plan.heardAt)
        await transact(database, async () => {
          await carryOut(writer, plan, tiers)
          await database.steps.moveMark(upTo)
          return fileTo === undefined ? tiers : fileReadings(writer, tiers, fileTo)
        })
        for (const series of plan.after) catalogue.put(series)
        database.mark = upTo
        database.recentRows = fileTo === undefined ? recentRows : await countRecent(writer)
      }),

    series: async () =>
      read(async ({ catalogue }) => catalogue.all().map(({ device, metric, type }) => ({ device, metric, type }))),

    raw: async (device, metric, span) =>
      ask(
        (catalogue) => catalogue.find(device, metric),
        async (reader, series, tiers) => (series ? readRaw(reader, series, tiers, span) : { at: [], value: [] }),
        span,
      ),

    few: async (names, span) =>
      ask(named(names), async (reader, asked, tiers) => readFew(reader, asked, tiers, span), span),

    buckets: async (names, span) =>
      ask(named(names), async (reader, asked, tiers) => readBuckets(reader, asked, tiers, span), span),

    latest: async (device) => ask((catalogue) => catalogue.ofDevice(device), readLatest),

    kept: async () =>
      read(async ({ tiers: { rawFrom, minuteFrom } }) => {
        return { raw: rawFrom, minute: minuteFrom, hour: Number.NEGATIVE_INFINITY }
      }),

    expire: async (before) =>
      alone(async (database) => {
        let more = false
        await transact(database, async () => {
          const step = await expireStep(database.writer, database.tiers, before)
          more = step.more
          return step.tiers
        })
        return more
      }),

    forget: async (device) =>
      alone(async (database) => {
        const { writer, catalogue } = database
        await transact(database, async () => {
          for (const kind of kinds) {
            const { recent, filed, minute, hour } = tablesOf(kind)
            for (const table of [recent, filed, minute, hour])
              await writer.run(`DELETE FROM ${table} WHERE series IN (SELECT id FROM series WHERE device = $1)`, [
                device,
              ])
          }
          await writer.run('DELETE FROM series WHERE device = $1', [device])
          return database.tiers
        })
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

function named(names: readonly SeriesName[]) {
  return (catalogue: Catalogue) => names.map(({ device, metric }) => catalogue.find(device, metric))
}

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
