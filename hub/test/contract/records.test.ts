// Records in SQLite keep the contract, what they promised when their process is killed, and themselves from harm.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { DatabaseSync } from '@photostructure/sqlite'
import { expect, it, onTestFinished } from 'vitest'
import { openRecords } from '../../src/adapters/sqlite/records.ts'
import { recordsContract } from './records.ts'
import { sampleCommand } from './sample-command.ts'

recordsContract('SQLite', (dir) => openRecords({ file: join(dir, 'records.sqlite') }))

function temporaryFile(): string {
  const dir = mkdtempSync(join(tmpdir(), 'telehub-records-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return join(dir, 'records.sqlite')
}

const rounds = 5

it(`loses no command that it kept when it is killed at random, ${rounds} times in a row`, async () => {
  const file = temporaryFile()
  const kept: string[] = []
  for (let round = 0; round < rounds; round++) {
    kept.push(...(await saveUntilKilled(file, `${round}-`)))
    const records = await openRecords({ file })
    const found = await Promise.all(kept.map((id) => records.commands.find(id)))
    await records.close()
    expect(kept.filter((id, i) => found[i]?.id !== id)).toEqual([])
  }
  expect(kept.length).toBeGreaterThan(rounds)
}, 60_000)

/** The ids that a process that saves all the time had kept before kill -9. */
async function saveUntilKilled(file: string, prefix: string): Promise<string[]> {
  const script = fileURLToPath(new URL('./records-saver.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions', 'source', script, file, prefix]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ids: string[] = []
  const killAfter = 1 + Math.floor(Math.random() * 300)
  for await (const line of createInterface({ input: child.stdout })) {
    // A line cut short by the kill has no end mark.
    if (line.endsWith(' ok')) ids.push(line.slice(0, -3))
    if (ids.length === killAfter) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  return ids
}

it('lets nobody else read its files', async () => {
  const file = temporaryFile()
  const records = await openRecords({ file })
  await records.origins.save({ origin: 'https://a.test', source: 'records', addedAt: 1 })

  const modes = ['', '-wal', '-shm'].map((end) => statSync(file + end).mode & 0o777)

  expect(modes).toEqual([0o600, 0o600, 0o600])
  await records.close()
})

it('refuses a file that a newer hub has written, and leaves it alone', async () => {
  const file = temporaryFile()
  await (await openRecords({ file })).close()
  const db = new DatabaseSync(file)
  db.exec('PRAGMA user_version = 99')
  db.close()

  await expect(openRecords({ file })).rejects.toThrow('has schema 99')
})

it('refuses a file that is no database', async () => {
  const file = temporaryFile()
  writeFileSync(file, 'a text that is long enough to be looked at as the header of a database file'.repeat(20))

  await expect(openRecords({ file })).rejects.toThrow('file is not a database')
})

it('does not let anyone change or delete what the audit says', async () => {
  const file = temporaryFile()
  const records = await openRecords({ file })
  await records.audit.append({ at: 1, action: 'login', result: 'ok' })
  await records.close()
  const db = new DatabaseSync(file)

  expect(() => db.exec("UPDATE audit SET result = 'no'")).toThrow('append-only')
  expect(() => db.exec('DELETE FROM audit')).toThrow('append-only')
  db.close()
})

it('refuses a text with NUL instead of cutting it there, and shows it in the audit', async () => {
  const records = await openRecords({ file: temporaryFile() })
  await records.commands.save({ ...sampleCommand('c1'), idempotencyKey: 'once' })

  await expect(records.commands.find('c1\0x')).rejects.toMatchObject({ code: 'bad-request' })
  await expect(records.commands.findIdempotent('k1', 'once\0x')).rejects.toMatchObject({ code: 'bad-request' })
  await expect(records.commands.save(sampleCommand('c2\0'))).rejects.toMatchObject({ code: 'bad-request' })
  await records.audit.append({ at: 1, action: 'login\0x', result: 'ok' })
  expect(await records.audit.list({ limit: 1 })).toMatchObject([{ action: 'login␀x' }])
  await records.close()
})

it('lets the oldest of a million audit entries and ended commands go', async () => {
  const file = temporaryFile()
  await (await openRecords({ file })).close()
  const db = new DatabaseSync(file)
  for (const id of [1, 1_000_999]) db.exec(`INSERT INTO audit (id, at, action, result) VALUES (${id}, 1, 'old', 'ok')`)
  const insert = `INSERT INTO commands (number, id, device, name, state, at, actor, body) VALUES`
  db.exec(`${insert} (1, 'a', 'd', 'n', 'failed', 1, 'k1', '{}'), (2, 'b', 'd', 'n', 'queued', 1, 'k1', '{}')`)
  db.exec(`${insert} (1000999, 'c', 'd', 'n', 'failed', 1, 'k1', '{}')`)
  db.close()
  const { audit, commands, close } = await openRecords({ file })

  await audit.append({ at: 2, action: 'new', result: 'ok' })
  await commands.save(sampleCommand('new'))

  expect((await audit.list({ limit: 9 })).map(({ id }) => id)).toEqual([1_001_000, 1_000_999])
  const found = await Promise.all(['a', 'b', 'c', 'new'].map((id) => commands.find(id)))
  expect(found.map((command) => command !== undefined)).toEqual([false, true, true, true])
  await close()
})
