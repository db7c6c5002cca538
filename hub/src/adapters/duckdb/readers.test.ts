// Checks that queries wait for each other, and that not too many do.

import type { DuckDBConnection } from '@duckdb/node-api'
import { expect, it, vi } from 'vitest'
import { createReaders } from './readers.ts'

const connections = (count: number) => Array.from({ length: count }, (_, id) => ({ id }) as unknown as DuckDBConnection)

/** A query that ends when it is told to. */
function slow() {
  let end = () => {}
  const ended = new Promise<void>((resolve) => {
    end = resolve
  })
  return { run: async () => ended, end }
}

it('lends each connection to one query at a time', async () => {
  const readers = createReaders(connections(1))
  const first = slow()
  const order: string[] = []
  const one = readers.use(first.run).then(() => order.push('first'))
  const two = readers.use(async () => order.push('second'))
  first.end()
  await Promise.all([one, two])
  expect(order).toEqual(['first', 'second'])
})

it('refuses a query when too many wait, and goes on with the others', async () => {
  const readers = createReaders(connections(1), 1)
  const first = slow()
  const one = readers.use(first.run)
  const two = readers.use(async () => 'answer')
  await expect(readers.use(async () => {})).rejects.toMatchObject({ name: 'StoreError', fault: 'unavailable' })
  first.end()
  await one
  await expect(two).resolves.toBe('answer')
})

it('gets a connection back from a query that failed', async () => {
  const readers = createReaders(connections(1))
  await expect(readers.use(async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(readers.use(async () => 'answer')).resolves.toBe('answer')
})

it('closes once the last query has ended, and takes no new one', async () => {
  const readers = createReaders(connections(2))
  const query = slow()
  const running = readers.use(query.run)
  const closed = readers.close()
  await expect(readers.use(async () => {})).rejects.toMatchObject({ fault: 'unavailable' })
  query.end()
  await Promise.all([running, closed])
})

it('interrupts a query that is told to stop, and one that still waits never begins', async () => {
  const interrupt = vi.fn()
  const readers = createReaders([{ interrupt } as unknown as DuckDBConnection])
  const query = slow()
  const stop = new AbortController()
  const running = readers.use(query.run, stop.signal)
  await Promise.resolve() // it has its connection
  const begun = vi.fn(async () => {})
  const waiting = readers.use(begun, stop.signal)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ name: 'StoreError', fault: 'unavailable' })
  expect(interrupt).toHaveBeenCalledOnce()
  query.end()
  await running
  expect(begun).not.toHaveBeenCalled()
  await expect(readers.use(async () => 'answer')).resolves.toBe('answer')
})
