// Origins that people have allowed, with the grant that caps them.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import type { Records } from '../../core/ports.ts'
import { orNull, prepare, withoutNulls } from './statements.ts'
import type { Transactions } from './transactions.ts'

type Origin = Awaited<ReturnType<Records['origins']['all']>>[number]

export function createOrigins(db: DatabaseSyncInstance, transactions: Transactions): Records['origins'] {
  const all = prepare<object>(
    db,
    'SELECT origin, grant_role AS "grant", added_at AS addedAt FROM origins ORDER BY added_at, origin',
  )
  const save = prepare(
    db,
    `INSERT INTO origins (origin, grant_role, added_at) VALUES (?, ?, ?)
     ON CONFLICT (origin) DO UPDATE SET grant_role = excluded.grant_role, added_at = excluded.added_at`,
  )
  const remove = prepare(db, 'DELETE FROM origins WHERE origin = ?')

  return {
    async all() {
      return all.all().map((row) => withoutNulls<Origin>(row))
    },
    async save({ origin, grant, addedAt }) {
      await transactions.run(() => save.run(origin, orNull(grant), addedAt))
    },
    async remove(origin) {
      await transactions.run(() => remove.run(origin))
    },
  }
}
