// Shows what is left of a write that fails, and that the file belongs to one store.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { Batch } from '../../core/ports.ts'
import { openDuckdbStore } from './store.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telehub-duckdb-'))
  file = join(folder, 'series.duckdb')
})
afterEach(async () => rm(folder, { recursive: true, force: true }))

const readings = (metric: string, at: number[], values: (number | string)[]): Batch => {
  return { device: 'pump-1', receivedAt: 0, at, metrics: [metric], columns: [values], count: values.length }
}
const mark = (position: number) => ({ epoch: 'abc123', position })
const whole = { from: 0, to: 1_000, limit: 100 }

it('undoes the whole write when moving the mark fails, and takes the next one', async () => {
  const store = await openDuckdbStore({ file })
  await store.write([readings('temperature', [1, 2], [10, 20])], mark(2))
  const all = [readings('temperature', [2, 3], [21, 30]), readings('state', [1], ['on'])]

  // No such position exists: the rows are in the transaction already when DuckDB is asked to keep it.
  await expect(store.write(all, mark(2.5))).rejects.toMatchObject({ name: 'StoreError', fault: 'unavailable' })
  expect(await store.series()).toEqual([{ device: 'pump-1', metric: 'temperature', type: 'number' }])
  expect((await store.raw('pump-1', 'temperature', whole)).value).toEqual([10, 20])
  expect(await store.mark()).toEqual(mark(2))

  await store.write(all, mark(5))
  expect((await store.raw('pump-1', 'temperature', whole)).value).toEqual([10, 21, 30])
  expect(await store.latest('pump-1')).toEqual({ temperature: { at: 3, value: 30 }, state: { at: 1, value: 'on' } })
  await store.close()
})

it('refuses a value of another type than its series has', async () => {
  const store = await openDuckdbStore({ file })
  await store.write([readings('temperature', [1], [10])], mark(1))
  const write = store.write([readings('temperature', [2], ['warm'])], mark(2))
  await expect(write).rejects.toMatchObject({ fault: 'refused' })
  expect(await store.mark()).toEqual(mark(1))
  await store.close()
})

it('has its writes one after the other, however they are called', async () => {
  const store = await openDuckdbStore({ file })
  const positions = Array.from({ length: 20 }, (_, i) => i + 1)
  await Promise.all(positions.map((n) => store.write([readings('temperature', [n], [n])], mark(n))))
  expect((await store.raw('pump-1', 'temperature', whole)).value).toEqual(positions)
  expect(await store.mark()).toEqual(mark(20))
  await store.close()
})

it('misses and doubles nothing in an answer while readings are filed', async () => {
  const store = await openDuckdbStore({ file })
  const halfDayMs = 43_200_000
  const perWrite = 100
  let written = 0
  async function writeOne(n: number) {
    const at = Array.from({ length: perWrite }, (_, i) => n * halfDayMs + i * 60_000)
    const batch = readings('temperature', at, at)
    // Half a day is over with each write, so that each of them files.
    await store.write([{ ...batch, receivedAt: (n + 1) * halfDayMs }], mark((n + 1) * perWrite))
    written = (n + 1) * perWrite
  }
  async function writeAll() {
    for (let n = 1; n < 30; n++) await writeOne(n)
  }
  async function askAll() {
    while (written < 30 * perWrite) {
      const before = written
      const span = { from: 0, to: 40 * halfDayMs, bucketMs: 3_600_000 }
      const [answer] = await store.buckets([{ device: 'pump-1', metric: 'temperature' }], span)
      const count = answer?.count.reduce((sum, one) => sum + one, 0) ?? 0
      expect(count % perWrite).toBe(0)
      expect(count).toBeGreaterThanOrEqual(before)
    }
  }
  await writeOne(0)
  await Promise.all([writeAll(), askAll(), askAll()])
  await store.close()
})

it('takes over a file from before readings were filed', async () => {
  const instance = await DuckDBInstance.create(file)
  const connection = await instance.connect()
  await connection.run(`
    CREATE TABLE series (id INTEGER, device VARCHAR, metric VARCHAR, type VARCHAR);
    CREATE TABLE numbers (series INTEGER, at_ms BIGINT, value DOUBLE);
    CREATE TABLE texts (series INTEGER, at_ms BIGINT, value VARCHAR);
    CREATE TABLE mark (epoch VARCHAR, position BIGINT);
    INSERT INTO series VALUES (1, 'pump-1', 'temperature', 'number');
    INSERT INTO numbers VALUES (1, 1, 10), (1, 2, 20);
    INSERT INTO mark VALUES ('abc123', 2);`)
  connection.closeSync()
  instance.closeSync()

  const store = await openDuckdbStore({ file })
  expect(await store.mark()).toEqual(mark(2))
  await store.write([{ ...readings('temperature', [90_000_000], [30]), receivedAt: 90_000_000 }], mark(3))
  expect(await store.raw('pump-1', 'temperature', { ...whole, to: 1e9 })).toEqual({
    at: [1, 2, 90_000_000],
    value: [10, 20, 30],
  })
  const [hours] = await store.buckets([{ device: 'pump-1', metric: 'temperature' }], { ...whole, bucketMs: 3_600_000 })
  expect(hours).toMatchObject({ at: [0], count: [2], mean: [15] })
  await store.close()
})

it('does not open what is no database', async () => {
  await writeFile(file, 'this is not a database, and long enough to be looked at'.repeat(100))
  await expect(openDuckdbStore({ file })).rejects.toMatchObject({ name: 'StoreError', fault: 'unavailable' })
})

it('has every confirmed write, and no part of another, after the process was killed', async () => {
  const program = `
    const { openDuckdbStore } = await import(${JSON.stringify(new URL('./store.ts', import.meta.url).href)})
    const store = await openDuckdbStore({ file: ${JSON.stringify(file)} })
    for (let n = 0; n < 2_000; n++) {
      const at = Array.from({ length: 50 }, (_, i) => n * 50 + i)
      const batch = { device: 'pump-1', receivedAt: 0, at, metrics: ['count'], columns: [at], count: 50 }
      await store.write([batch], { epoch: 'abc123', position: n * 50 + 50 })
      console.log(n * 50 + 50)
    }`
  const args = ['--import', 'tsx', '--conditions', 'source', '--input-type', 'module', '--eval', program]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let confirmed = 0
  child.stdout.on('data', (lines) => {
    confirmed = Number(String(lines).trim().split('\n').at(-1))
    if (confirmed > 1_000) child.kill('SIGKILL')
  })
  await once(child, 'exit')

  const store = await openDuckdbStore({ file })
  const { position = 0 } = (await store.mark()) ?? {}
  expect(position).toBeGreaterThanOrEqual(confirmed)
  const { value } = await store.raw('pump-1', 'count', { from: 0, to: 1e9, limit: 1e9 })
  expect(value).toEqual(Array.from({ length: position }, (_, i) => i))
  await store.close()
})
