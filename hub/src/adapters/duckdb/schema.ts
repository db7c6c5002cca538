// Opens the database file, makes its tables, and reads what the store keeps in memory.

import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Mark } from '../../core/ports.ts'
import type { MetricType } from '../../protocol/index.ts'
import { type Catalogue, createCatalogue } from './catalogue.ts'
import { createReaders, type Readers } from './readers.ts'

interface Sizes {
  readonly memoryLimit: string
  readonly threads: number
}

export interface Database {
  /** For one transaction at a time. */
  readonly writer: DuckDBConnection
  readonly readers: Readers
  readonly catalogue: Catalogue
  mark: Mark | undefined
  /** Waits for running queries; nothing may write any more. */
  close(): Promise<void>
}

/** Queries at a time. Each holds one of Node's four pool threads, and the journal needs one to sync. */
const readerCount = 2

/** Times are epoch ms as integers. `mark` has one row; its epoch is null as long as the store is empty. */
const tables = `
  CREATE TABLE IF NOT EXISTS series (id INTEGER, device VARCHAR, metric VARCHAR, type VARCHAR);
  CREATE TABLE IF NOT EXISTS numbers (series INTEGER, at_ms BIGINT, value DOUBLE);
  CREATE TABLE IF NOT EXISTS texts (series INTEGER, at_ms BIGINT, value VARCHAR);
  CREATE TABLE IF NOT EXISTS mark (epoch VARCHAR, position BIGINT);
  INSERT INTO mark SELECT NULL, 0 WHERE NOT EXISTS (FROM mark);
  CREATE TEMP TABLE late_numbers (series INTEGER, at_ms BIGINT, value DOUBLE);
  CREATE TEMP TABLE late_texts (series INTEGER, at_ms BIGINT, value VARCHAR);
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
    await writer.run(tables)
    const catalogue = await readCatalogue(writer)
    const mark = await readMark(writer)
    const readers = createReaders(await Promise.all(Array.from({ length: readerCount }, connect)))
    const close = async () => {
      await readers.close()
      closeSync()
    }
    return { writer, readers, catalogue, mark, close }
  } catch (error) {
    closeSync()
    throw error
  }
}

async function readCatalogue(connection: DuckDBConnection): Promise<Catalogue> {
  const found = await connection.runAndReadAll(`
    SELECT id, device, metric, type, newest.at_ms::DOUBLE AS newest
      FROM series LEFT JOIN (
        SELECT series, max(at_ms) AS at_ms FROM numbers GROUP BY series
        UNION ALL
        SELECT series, max(at_ms) AS at_ms FROM texts GROUP BY series
      ) AS newest ON newest.series = series.id`)
  const rows = found.getRowsJS() as [number, string, string, MetricType, number | null][]
  return createCatalogue(
    rows.map(([id, device, metric, type, newest]) => {
      return { id, device, metric, type, newest: newest ?? Number.NEGATIVE_INFINITY }
    }),
  )
}

async function readMark(connection: DuckDBConnection): Promise<Mark | undefined> {
  const found = await connection.runAndReadAll('SELECT epoch, position::DOUBLE FROM mark')
  const [row] = found.getRowsJS() as [string | null, number][]
  if (!row || row[0] === null) return undefined
  return { epoch: row[0], position: row[1] }
}
