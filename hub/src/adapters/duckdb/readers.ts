// Lends the reading connections, one query at a time each.

import type { DuckDBConnection } from '@duckdb/node-api'
import { StoreError } from '../../core/errors.ts'

export interface Readers {
  /** StoreError `unavailable` when too many wait already, when `signal` aborts, or after close. */
  use<T>(read: (reader: DuckDBConnection) => Promise<T>, signal?: AbortSignal): Promise<T>
  /** Resolves when every connection is back. */
  close(): Promise<void>
}

/** Waiting queries are bounded: past `maxWaiting` a query is refused at once, so that memory and patience hold. */
export function createReaders(connections: readonly DuckDBConnection[], maxWaiting = 256): Readers {
  const idle = [...connections]
  const waiting: ((reader: DuckDBConnection) => void)[] = []
  let closed = false

  async function take(signal?: AbortSignal): Promise<DuckDBConnection> {
    const reader = idle.pop()
    if (reader) return reader
    return new Promise((resolve, reject) => {
      const leave = () => {
        waiting.splice(waiting.indexOf(given), 1)
        reject(givenUp())
      }
      const given = (free: DuckDBConnection) => {
        signal?.removeEventListener('abort', leave)
        resolve(free)
      }
      waiting.push(given)
      signal?.addEventListener('abort', leave, { once: true })
    })
  }

  function giveBack(reader: DuckDBConnection) {
    const next = waiting.shift()
    if (next) next(reader)
    else idle.push(reader)
  }

  return {
    async use(read, signal) {
      if (closed) throw new StoreError('unavailable', 'the store is closed')
      if (waiting.length >= maxWaiting) throw new StoreError('unavailable', 'too many queries are waiting')
      if (signal?.aborted) throw givenUp()
      const reader = await take(signal)
      const interrupt = () => reader.interrupt()
      signal?.addEventListener('abort', interrupt, { once: true })
      try {
        if (signal?.aborted) throw givenUp()
        return await read(reader)
      } catch (error) {
        throw signal?.aborted ? givenUp() : error
      } finally {
        signal?.removeEventListener('abort', interrupt)
        giveBack(reader)
      }
    },
    async close() {
      closed = true
      await Promise.all(connections.map(async () => take()))
    },
  }
}

function givenUp(): StoreError {
  return new StoreError('unavailable', 'the query was given up')
}
