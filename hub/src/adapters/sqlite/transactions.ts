// Lets the writes of one turn of the event loop share one transaction, and so one sync of the disk.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { HubError } from '../../core/errors.ts'

export interface Transactions {
  /**
   * Runs `write` within the next transaction; resolves with its answer once that is on disk. A write that throws is
   * undone alone. When the disk fails, HubError `overloaded` (full) or `hub-error`, and none of the transaction is kept.
   */
  run<T>(write: () => T): Promise<T>
  /** Resolves when everything that came before is settled; refuses what comes later. */
  close(): Promise<void>
}

interface Waiting {
  readonly write: () => unknown
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: unknown) => void
}

/** SQLite's primary result codes: the low bytes of the extended ones. */
const primary = { full: 13, constraint: 19 } as const

/** What waits is bounded by what can arrive in one turn: every turn ends with its transaction. */
export function createTransactions(db: DatabaseSyncInstance): Transactions {
  let waiting: Waiting[] = []
  let flushed: Promise<void> = Promise.resolve()
  let closed = false

  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const rollback = db.prepare('ROLLBACK')
  const savepoint = db.prepare('SAVEPOINT one')
  const release = db.prepare('RELEASE one')
  const undo = db.prepare('ROLLBACK TO one')

  function flush(): void {
    const group = waiting
    waiting = []
    const settle: (() => void)[] = []
    try {
      begin.run()
      for (const one of group) settle.push(attempt(one))
      commit.run()
    } catch (error) {
      if (db.isTransaction) rollback.run()
      const failure = refusal(error)
      for (const { reject } of group) reject(failure)
      return
    }
    for (const run of settle) run()
  }

  /** The answer or the error waits for the commit: neither is true before. */
  function attempt({ write, resolve, reject }: Waiting): () => void {
    savepoint.run()
    try {
      const answer = write()
      release.run()
      return () => resolve(answer)
    } catch (error) {
      // Some errors of the disk end the whole transaction; then there is nothing left to undo here.
      if (!db.isTransaction) throw error
      undo.run()
      release.run()
      return () => reject(refusal(error))
    }
  }

  return {
    run<T>(write: () => T) {
      return new Promise<T>((resolve, reject) => {
        if (closed) throw new HubError('hub-error', 'The hub is stopping.')
        waiting.push({ write, resolve: resolve as (answer: unknown) => void, reject })
        if (waiting.length > 1) return
        flushed = new Promise((done) => {
          setImmediate(() => {
            flush()
            done()
          })
        })
      })
    },
    async close() {
      closed = true
      await flushed
    },
  }
}

/** What went wrong with the disk, in the words of the hub; an error of the caller or a broken constraint as it is. */
function refusal(error: unknown): unknown {
  if (!(error instanceof Error && 'errcode' in error)) return error
  switch (Number(error.errcode) & 0xff) {
    case primary.constraint:
      return error
    case primary.full:
      return new HubError('overloaded', 'The disk of the hub is full.', { retryAfterMs: 5_000, cause: error })
    default:
      return new HubError('hub-error', 'The disk failed to keep the records.', { retryAfterMs: 1_000, cause: error })
  }
}
