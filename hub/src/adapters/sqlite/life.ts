// When the hub lived, and when devices were not heard: the reasons for holes in the history.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import type { KeptGap, Records } from '../../core/ports.ts'
import { keptRows } from './schema.ts'
import { orNull, prepare, withoutNulls } from './statements.ts'
import type { Transactions } from './transactions.ts'

/** The oldest are pruned once in so many new ones. */
const pruneEvery = 1_000

/** No id of a device is empty. */
const everyone = ''

const columns = `nullif(device, '${everyone}') AS device, reason, from_at AS "from", to_at AS "to"`

export function createLife(db: DatabaseSyncInstance, transactions: Transactions): Records['life'] {
  const lastAlive = prepare<{ at: number }>(db, 'SELECT alive_at AS at FROM life')
  const alive = prepare(
    db,
    'INSERT INTO life (one, alive_at) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET alive_at = excluded.alive_at',
  )
  const gaps = prepare<object>(
    db,
    `SELECT ${columns} FROM gaps
      WHERE device IN (?, '${everyone}') AND from_at < ? AND (to_at IS NULL OR to_at > ?) ORDER BY from_at LIMIT ?`,
  )
  const open = prepare<object>(db, `SELECT ${columns} FROM gaps WHERE to_at IS NULL ORDER BY from_at`)
  const save = prepare<{ number: number }>(
    db,
    `INSERT INTO gaps (device, reason, from_at, to_at) VALUES (?, ?, ?, ?)
     ON CONFLICT (device, from_at, reason) DO UPDATE SET to_at = excluded.to_at
     RETURNING number`,
  )
  const prune = prepare(db, 'DELETE FROM gaps WHERE number <= ? AND to_at IS NOT NULL')
  const forget = prepare(db, 'DELETE FROM gaps WHERE device = ?')

  function write({ device, reason, from, to }: KeptGap): void {
    const saved = save.get(device ?? everyone, reason, from, orNull(to))
    if (saved && saved.number % pruneEvery === 0) prune.run(saved.number - keptRows.gaps)
  }

  return {
    async lastAlive() {
      return lastAlive.get()?.at
    },
    async alive(at) {
      await transactions.run(() => alive.run(at))
    },
    async gaps({ device, from, to, limit }) {
      return gaps.all(device, to, from, limit).map((row) => withoutNulls<KeptGap>(row))
    },
    async open() {
      return open.all().map((row) => withoutNulls<KeptGap>(row))
    },
    async save(some) {
      await transactions.run(() => {
        for (const gap of some) write(gap)
      })
    },
    async forget(device) {
      await transactions.run(() => forget.run(device))
    },
  }
}
