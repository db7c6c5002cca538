// Who did what, when, from which origin: written once, never changed.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import type { AuditEntry, Records } from '../../core/ports.ts'
import { keptRows } from './schema.ts'
import { orNull, prepare, withoutNulls } from './statements.ts'
import type { Transactions } from './transactions.ts'

/** The oldest are pruned once in so many new ones. */
const pruneEvery = 1_000

export function createAudit(db: DatabaseSyncInstance, transactions: Transactions): Records['audit'] {
  const append = prepare(
    db,
    'INSERT INTO audit (at, actor, origin, action, target, result, detail) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  const prune = prepare(db, 'DELETE FROM audit WHERE id <= ?')
  const list = prepare<object>(db, 'SELECT * FROM audit WHERE id < ? ORDER BY id DESC LIMIT ?')

  return {
    async append({ at, actor, origin, action, target, result, detail }) {
      const texts = [actor, origin, action, target, result, detail].map((text) => orNull(text?.replaceAll('\0', '␀')))
      await transactions.run(() => {
        const id = Number(append.run(at, ...texts).lastInsertRowid)
        if (id % pruneEvery === 0) prune.run(id - keptRows.audit)
      })
    },
    async list({ limit, before = Number.MAX_SAFE_INTEGER }) {
      return list.all(before, limit).map((row) => withoutNulls<AuditEntry & { id: number }>(row))
    },
  }
}
