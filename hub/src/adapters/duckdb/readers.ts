// Lends the reading connections, one query at a time each.

import type { DuckDBConnection } from '@duckdb/node-api'
import { StoreError } from '../../core/errors.ts'

export interface Readers {
  /** StoreError `unavailable` when too many wait already, or after close. */
  use<T>(read: (reader: DuckDBConnection) => Promise<T>): Promise<T>
  /** Resolves when every connection is back. */
  close(): Promise<void>
}

/** Waiting queries are bounded: past `maxWaiting` a query is refused at once, so that memory and patience hold. */
export function createReaders(connections: readonly DuckDBConnection[], maxWaiting = 256): Readers {
  const idle = [...connections]
  const waiting: ((reader: DuckDBConnection) => void)[] = []
  let closed = false

  async function take(): Promise<DuckDBConnection> {
    const reader = idle.pop()
    if (reader) return reader
    return new Promise((resolve) => waiting.push(resolve))
  }

  function giveBack(reader: DuckDBConnection) {
    const next = waiting.shift()
    if (next) next(reader)
    else idle.push(reader)
  }

  return {
    async use(read) {
      if (closed) throw new StoreError('unavailable', 'the store is closed')
      if (waiting.length >= maxWaiting) throw new StoreError('unavailable', 'too many queries are waiting')
      const reader = await take()
      try {
        return await read(reader)
      } finally {
        giveBack(reader)
      }
    },
    async close() {
      closed = true
      await Promise.all(connections.map(take))
    },
  }
}
