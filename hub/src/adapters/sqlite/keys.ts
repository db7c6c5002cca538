// Keys as they are kept: never the secret, only its hash.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import type { KeyRecord, Records } from '../../core/ports.ts'
import { orNull, prepare, withoutNulls } from './statements.ts'
import type { Transactions } from './transactions.ts'

const columns = `id, kind, name, device, hash, created_at AS createdAt, last_used_at AS lastUsedAt,
  expires_at AS expiresAt, revoked_at AS revokedAt`

export function createKeys(db: DatabaseSyncInstance, transactions: Transactions): Records['keys'] {
  const all = prepare<object>(db, `SELECT ${columns} FROM keys ORDER BY created_at, id`)
  const find = prepare<object>(db, `SELECT ${columns} FROM keys WHERE id = ?`)
  const save = prepare(
    db,
    `INSERT INTO keys (id, kind, name, device, hash, created_at, last_used_at, expires_at, revoked_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, device = excluded.device,
       hash = excluded.hash, created_at = excluded.created_at, last_used_at = excluded.last_used_at,
       expires_at = excluded.expires_at, revoked_at = excluded.revoked_at`,
  )
  // A late note of an earlier use must not hide a later one.
  const touch = prepare(db, 'UPDATE keys SET last_used_at = max(coalesce(last_used_at, 0), ?) WHERE id = ?')

  return {
    async all() {
      return all.all().map((row) => withoutNulls<KeyRecord>(row))
    },
    async find(id) {
      const row = find.get(id)
      return row && withoutNulls<KeyRecord>(row)
    },
    async save(key) {
      const { id, kind, name, device, hash, createdAt, lastUsedAt, expiresAt, revokedAt } = key
      const times = [createdAt, orNull(lastUsedAt), orNull(expiresAt), orNull(revokedAt)]
      await transactions.run(() => save.run(id, kind, name, orNull(device), hash, ...times))
    },
    async touch(used) {
      await transactions.run(() => {
        for (const [id, at] of used) touch.run(at, id)
      })
    },
  }
}
