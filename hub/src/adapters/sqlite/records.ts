// Everything the hub keeps that is not a reading, in one SQLite file.

import { chmod, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from '@photostructure/sqlite'
import type { Records } from '../../core/ports.ts'
import { createAudit } from './audit.ts'
import { createCommands } from './commands.ts'
import { createDevices } from './devices.ts'
import { createKeys } from './keys.ts'
import { createLife } from './life.ts'
import { createOrigins } from './origins.ts'
import { migrate } from './schema.ts'
import { createTransactions } from './transactions.ts'

/**
 * FULL: a commit is on disk when it returns, so a promise that resolves after it can be kept (R9). Untrusted schema: a
 * file that someone has tampered with cannot make the hub run functions.
 */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  PRAGMA foreign_keys = ON;
  PRAGMA trusted_schema = OFF;
`

/**
 * Opens the records in `file`, made with mode 0600 in a directory that exists. Rejects when a newer version of the hub
 * has written it, and when it is no database.
 */
export async function openRecords({ file }: { file: string }): Promise<Records> {
  await makePrivate(file)
  const db = new DatabaseSync(file)
  try {
    db.exec(settings)
    migrate(db, file)
  } catch (error) {
    db.close()
    throw error
  }
  const transactions = createTransactions(db)

  return {
    devices: createDevices(db, transactions),
    keys: createKeys(db, transactions),
    origins: createOrigins(db, transactions),
    commands: createCommands(db, transactions),
    life: createLife(db, transactions),
    audit: createAudit(db, transactions),
    async close() {
      await transactions.close()
      if (db.isOpen) db.close()
    },
  }
}

/** Before SQLite opens it: it gives its files beside this one the same mode. Its name is durable, too. */
async function makePrivate(file: string): Promise<void> {
  const handle = await open(file, 'a', 0o600)
  await handle.close()
  await chmod(file, 0o600)
  const dir = await open(dirname(file), 'r')
  try {
    await dir.sync()
  } finally {
    await dir.close()
  }
}
