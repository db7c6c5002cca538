// Devices as they are kept: one row each, whole.

import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import type { DeviceRecord, Records } from '../../core/ports.ts'
import { prepare } from './statements.ts'
import type { Transactions } from './transactions.ts'

export function createDevices(db: DatabaseSyncInstance, transactions: Transactions): Records['devices'] {
  const all = prepare<{ body: string }>(db, 'SELECT body FROM devices ORDER BY id')
  const save = prepare(
    db,
    'INSERT INTO devices (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body',
  )

  return {
    async all() {
      return all.all().map(({ body }): DeviceRecord => JSON.parse(body))
    },
    async save(devices) {
      await transactions.run(() => {
        for (const device of devices) save.run(device.id, JSON.stringify(device))
      })
    },
  }
}
