// Lets one hub at a time use a data directory; a hub that was killed leaves no lock behind.

import { mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DatabaseSyncInstance } from '@photostructure/sqlite'
import { DatabaseSync } from '@photostructure/sqlite'
import { HubError } from '../../core/errors.ts'

/**
 * Resolves with the release. Rejects with HubError `conflict`, naming the process, while another hub has the directory,
 * in this process or another one, also in another container.
 *
 * Node cannot lock a file, SQLite can: an exclusive transaction holds fcntl locks (LockFileEx on Windows), which the
 * kernel drops when the process ends, however it ends. A pid alone can be somebody else's after a crash.
 */
export async function lockDataDir(dir: string): Promise<() => Promise<void>> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const pidFile = join(dir, 'hub.pid')
  const lock = await take(join(dir, 'hub.lock'), async () => {
    const pid = (await readFile(pidFile, 'utf8').catch(() => '')).trim()
    const who = pid === '' ? 'Another hub' : `Another hub (pid ${pid})`
    return new HubError('conflict', `${who} is using ${dir}. Stop it, or give this one another TELEHUB_DATA_DIR.`)
  })
  await writeFile(pidFile, `${process.pid}\n`, { mode: 0o600 })
  return async () => {
    await unlink(pidFile).catch(() => {})
    // The file itself stays: removing it would let two hubs lock two files of the same name.
    lock.close()
  }
}

async function take(file: string, taken: () => Promise<HubError>): Promise<DatabaseSyncInstance> {
  let lock: DatabaseSyncInstance | undefined
  try {
    lock = new DatabaseSync(file)
    // Nothing is ever written to it, so it needs no journal of its own.
    lock.exec('PRAGMA journal_mode = OFF; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
    return lock
  } catch (error) {
    lock?.close()
    if (isBusy(error)) throw await taken()
    throw error
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}
