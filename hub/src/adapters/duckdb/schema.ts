// Opens the database file, makes its tables, and reads what the store keeps in memory.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Mark } from '../../core/ports.ts'
import type { MetricType } from '../../protocol/index.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { countRecent } from './filing.ts'
import { createReaders, type Readers } from './readers.ts'
import { createTables, hourMs, kinds, tablesOf } from './tiers.ts'

interface Sizes {
  readonly memoryLimit: string
  readonly threads: number
}

export interface Database {
  /** For one transaction at a time. */
  readonly writer: DuckDBConnection
  readonly readers: Readers
  readonly catalogue: Catalogue
  /** What is part of every write, prepared once: the price of a small write is mostly that of its statements. */
  readonly steps: Steps
  mark: Mark | undefined
  /** Replaced as a whole, and only when a transaction has moved something from table to table. */
  tiers: Tiers
  /** Set while such a transaction is being committed: it is not known then which of the two a query sees. */
  moving: Promise<unknown> | undefined
  /** Rows that are not filed; an estimate between two filings. */
  recentRows: number
  /** Waits for running queries; nothing may write any more. */
  close(): Promise<void>
}

export interface Steps {
  begin(): Promise<unknown>
  moveMark(upTo: Mark): Promise<unknown>
  commit(): Promise<unknown>
}

/** What of the range of all times lies in which table. */
export interface Tiers {
  /** All readings before it are filed: a whole minute, or -Infinity. */
  readonly filedTo: number
  /** Older readings are gone, and before `minuteFrom` the minutes, too. Whole hours, or -Infinity. */
  readonly rawFrom: number
  readonly minuteFrom: number
}

/** Queries at a time. Each holds one of Node's four pool threads, and the journal needs one to sync. */
const readerCount = 2

/** `mark` and `tiers` have one row. The epoch is null as long as the store is empty; a time is null as long as there is none. */
const tables = `
  CREATE TABLE IF NOT EXISTS series (id INTEGER, device VARCHAR, metric VARCHAR, type VARCHAR);
  CREATE TABLE IF NOT EXISTS mark (epoch VARCHAR, position BIGINT);
  INSERT INTO mark SELECT NULL, 0 WHERE NOT EXISTS (FROM mark);
  CREATE TABLE IF NOT EXISTS tiers (filed_to BIGINT, raw_from BIGINT, minute_from BIGINT);
  INSERT INTO tiers SELECT NULL, NULL, NULL WHERE NOT EXISTS (FROM tiers);
  ${kinds.map(createTables).join('')}
`

export async function openDatabase(file: string, { memoryLimit, threads }: Sizes): Promise<Database> {
  const instance = await DuckDBInstance.create(file, {
    memory_limit: memoryLimit,
    threads: String(threads),
    // No statement may ever reach other files or the network.
    enable_external_access: 'false',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connections: DuckDBConnection[] = []
  const connect = async () => {
    const connection = await instance.connect()
    connections.push(connection)
    return connection
  }
  const closeSync = () => {
    for (const connection of connections) connection.closeSync()
    instance.closeSync()
  }

  try {
    const writer = await connect()
    await adoptOlderForm(writer)
    await writer.run(tables)
    const tiers = await readTiers(writer)
    const recentRows = await countRecent(writer)
    const catalogue = await readCatalogue(writer, tiers)
    const mark = await readMark(writer)
    const steps = await prepareSteps(writer)
    const readers = createReaders(await Promise.all(Array.from({ length: readerCount }, connect)))
    const close = async () => {
      await readers.close()
      closeSync()
    }
    return { writer, readers, catalogue, steps, mark, tiers, moving: undefined, recentRows, close }
  } catch (error) {
    closeSync()
    throw error
  }
}

/** A file from before there were tiers: all its readings are still to be filed. */
async function adoptOlderForm(connection: DuckDBConnection) {
  const found = await connection.runAndReadAll(`SELECT table_name FROM duckdb_tables() WHERE NOT temporary`)
  const names = found.getColumnsJS()[0] ?? []
  if (!names.includes('numbers') || names.includes('tiers')) return
  for (const kind of kinds) await connection.run(`ALTER TABLE ${kind} RENAME TO ${tablesOf(kind).recent}`)
}

/** The newest time of each series, from the hours, the minutes of the last hour, and what is not filed: never from all readings. */
async function readCatalogue(connection: DuckDBConnection, { filedTo }: Tiers): Promise<Catalogue> {
  const hoursTo = Number.isFinite(filedTo) ? Math.floor(filedTo / hourMs) * hourMs : 0
  const newest = kinds.flatMap((kind) => {
    const { recent, minute, hour } = tablesOf(kind)
    return [
      `SELECT series, max(at_ms) AS newest FROM ${recent} GROUP BY series`,
      `SELECT series, max(at_ms + last_ms) AS newest FROM ${minute} WHERE at_ms >= $1 GROUP BY series`,
      `SELECT series, max(at_ms + last_ms) AS newest FROM ${hour} GROUP BY series`,
    ]
  })
  const found = await connection.runAndReadAll(
    `SELECT id, device, metric, type, max(newest)::DOUBLE
       FROM series LEFT JOIN (${newest.join(' UNION ALL ')}) AS newest ON newest.series = series.id GROUP BY ALL`,
    [BigInt(hoursTo)],
  )
  const rows = found.getRowsJS() as [number, string, string, MetricType, number | null][]
  return createCatalogue(
    rows.map(([id, device, metric, type, newest]) => {
      return { id, device, metric, type, newest: newest ?? Number.NEGATIVE_INFINITY }
    }),
  )
}

async function prepareSteps(writer: DuckDBConnection): Promise<Steps> {
  const begin = await writer.prepare('BEGIN TRANSACTION')
  const move = await writer.prepare('UPDATE mark SET epoch = $1, position = $2')
  const commit = await writer.prepare('COMMIT')
  return {
    begin: async () => begin.run(),
    async moveMark({ epoch, position }) {
      move.bindVarchar(1, epoch)
      move.bindBigInt(2, BigInt(position))
      await move.run()
    },
    commit: async () => commit.run(),
  }
}

async function readMark(connection: DuckDBConnection): Promise<Mark | undefined> {
  const found = await connection.runAndReadAll('SELECT epoch, position::DOUBLE FROM mark')
  const [row] = found.getRowsJS() as [string | null, number][]
  if (!row || row[0] === null) return undefined
  return { epoch: row[0], position: row[1] }
}

async function readTiers(connection: DuckDBConnection): Promise<Tiers> {
  const found = await connection.runAndReadAll(
    'SELECT filed_to::DOUBLE, raw_from::DOUBLE, minute_from::DOUBLE FROM tiers',
  )
  const [[filedTo, rawFrom, minuteFrom] = []] = found.getRowsJS() as (number | null)[][]
  const orEver = (at: number | null | undefined) => at ?? Number.NEGATIVE_INFINITY
  return { filedTo: orEver(filedTo), rawFrom: orEver(rawFrom), minuteFrom: orEver(minuteFrom) }
}
