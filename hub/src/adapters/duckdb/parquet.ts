// Makes Parquet files of readings from any store, by way of a scratch database on disk, so that memory does not grow with them.

import { randomUUID } from 'node:crypto'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { BIGINT, BOOLEAN, DOUBLE, DuckDBDataChunk, DuckDBInstance, type DuckDBValue, VARCHAR } from '@duckdb/node-api'
import { HubError } from '../../core/errors.ts'
import type { ReadingsPage, TableFiles } from '../../core/ports.ts'

/** DuckDB's vector size: a data chunk takes no more rows. */
const rowsPerChunk = 2_048
/** Some 20 GiB of scratch space at worst. */
const maxRows = 500_000_000
/** Each has its own memory and disk: the next ones wait, and past this many they are refused. */
const maxWaiting = 4

const types = [VARCHAR, VARCHAR, BIGINT, DOUBLE, BOOLEAN, VARCHAR]

/**
 * `dir` is emptied: what is in it was left by a process that ended. The columns of a file are `device`, `metric`, `at`
 * (TIMESTAMP, UTC), and `number`, `boolean` or `text`, the other two null.
 */
export async function openParquetFiles({ dir }: { dir: string }): Promise<TableFiles> {
  await rm(dir, { recursive: true, force: true })
  await mkdir(dir, { recursive: true, mode: 0o700 })
  let turn: Promise<unknown> = Promise.resolve()
  let waiting = 0

  async function make(pages: AsyncIterable<ReadingsPage>) {
    const place = join(dir, randomUUID())
    const path = join(place, 'readings.parquet')
    const remove = async () => rm(place, { recursive: true, force: true })
    await mkdir(place, { mode: 0o700 })
    try {
      await write(pages, { scratch: join(place, 'scratch.duckdb'), path, place })
      const { size } = await stat(path)
      return { path, bytes: size, remove }
    } catch (error) {
      await remove()
      throw error
    }
  }

  return {
    async parquet(pages) {
      if (waiting >= maxWaiting) throw new HubError('overloaded', 'Other exports are being made; try again in a while.')
      waiting += 1
      const mine = turn.then(async () => make(pages)).finally(() => (waiting -= 1))
      turn = mine.catch(() => {}) // its caller hears of it
      return mine
    },
  }
}

async function write(
  pages: AsyncIterable<ReadingsPage>,
  { scratch, path, place }: { scratch: string; path: string; place: string },
) {
  const instance = await DuckDBInstance.create(scratch, {
    memory_limit: '256MB',
    threads: '1',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  })
  const connection = await instance.connect()
  try {
    // Only its own folder, nothing else of this machine or beyond.
    await connection.run(`SET allowed_directories = [${quoted(place)}]; SET enable_external_access = false`)
    await connection.run(
      'CREATE TABLE readings (device VARCHAR, metric VARCHAR, at_ms BIGINT, number DOUBLE, boolean BOOLEAN, text VARCHAR)',
    )
    // One transaction: whole row groups then go straight to the file, without a log.
    await connection.run('BEGIN TRANSACTION')
    const appender = await connection.createAppender('readings')
    let rows = 0
    for await (const page of pages) {
      rows += page.at.length
      if (rows > maxRows)
        throw new HubError('bad-request', `An export has at most ${maxRows} readings; ask for a shorter time.`)
      for (let from = 0; from < page.at.length; from += rowsPerChunk) appender.appendDataChunk(chunkOf(page, from))
    }
    appender.closeSync()
    await connection.run('COMMIT')
    await connection.run(
      `COPY (SELECT device, metric, epoch_ms(at_ms) AS "at", number, boolean, text FROM readings)
         TO ${quoted(path)} (FORMAT parquet, COMPRESSION zstd)`,
    )
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}

function chunkOf({ device, metric, type, at, value }: ReadingsPage, from: number): DuckDBDataChunk {
  const times = at.slice(from, from + rowsPerChunk)
  const values: DuckDBValue[] = value.slice(from, from + rowsPerChunk)
  const constant = (one: DuckDBValue) => times.map(() => one)
  const none = constant(null)
  const chunk = DuckDBDataChunk.create(types, times.length)
  chunk.setColumns([
    constant(device),
    constant(metric),
    times.map(BigInt),
    type === 'number' ? values : none,
    type === 'boolean' ? values : none,
    type === 'string' ? values : none,
  ])
  return chunk
}

/** SQL has no parameters in these places; both are paths of our own. */
function quoted(path: string): string {
  return `'${path.replaceAll("'", "''")}'`
}
