import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createHeardLog } from '../../../test/running-hub.ts'
import type { LedgerState } from '../../core/ports.ts'
import { createLedgerFile } from './ledger-file.ts'

async function createPlace() {
  const dir = await mkdtemp(join(tmpdir(), 'telehub-ledger-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const file = join(dir, 'ledger.json')
  const log = createHeardLog()
  return { file, log, ledger: createLedgerFile({ file, log }) }
}

const state: LedgerState = {
  epoch: 'abc',
  position: 7,
  lost: [[1, 3]],
  duplicates: 2,
  jumps: 1,
  conflicts: 4,
  rejected: { 'bad-name': 5 },
  streams: [{ device: 'pump-1', stream: 'line\nbreak', ranges: [0, 4] }],
}

it('is none at first, and then what was saved last', async () => {
  const { ledger } = await createPlace()
  const before = await ledger.load()
  await ledger.save({ ...state, position: 1 })
  await ledger.save(state)
  expect([before, await ledger.load()]).toEqual([undefined, state])
})

it('is none, loudly, when a single bit of it flipped', async () => {
  const { file, log, ledger } = await createPlace()
  await ledger.save(state)
  const bytes = await readFile(file)
  bytes[bytes.length - 10] = Number(bytes.at(-10)) ^ 1
  await writeFile(file, bytes)
  expect([await ledger.load(), log.text()]).toEqual([undefined, expect.stringContaining('ledger damaged')])
})

it('refuses another format, and leaves it alone', async () => {
  const { file, ledger } = await createPlace()
  await writeFile(file, 'telehub-ledger 2 123\n{}\n')
  await expect(ledger.load()).rejects.toThrow('has ledger format 2, this hub reads format 1')
})
