import { expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { createMemoryLedgerFile } from '../../test/memory-parts.ts'
import { createLedger } from './ledger.ts'

function setup() {
  const clock = createFakeClock()
  const file = createMemoryLedgerFile()
  const journal = { epoch: 'one', head: 1_000, tail: 0 }
  const devices = { saved: true }
  const lines: string[] = []
  const line = (event: string) => void lines.push(event)
  const log = { debug: line, info: line, warn: line, error: line }
  const open = () => createLedger({ file, journal, saveDevices: async () => devices.saved, clock, log })
  return { clock, file, journal, devices, lines, open }
}

it('knows after a restart what it counted, which messages were kept, and from where on to read the journal', async () => {
  const { open } = setup()
  const ledger = open()
  await ledger.load()
  ledger.rejected('bad-name')
  ledger.duplicate()
  ledger.conflicts(2)
  if (ledger.streams.add('a', 's', 7) || ledger.streams.add('a', 's', 9)) ledger.jump()
  ledger.accepted(700)
  await ledger.lost(100, 200)
  await ledger.lost(150, 250)
  await ledger.close()

  const again = open()
  expect([await again.load(), again.counts(), again.streams.has('a', 's', 7), again.streams.has('a', 's', 8)]).toEqual([
    700,
    { rejected: { 'bad-name': 1 }, duplicates: 1, jumps: 1, conflicts: 2 },
    true,
    false,
  ])
  expect([0, 100, 180, 250, 900].map(again.lostBefore)).toEqual([0, 0, 80, 150, 150])
})

it.each([
  ['of another epoch', { epoch: 'two', head: 1_000 }],
  ['from past the end', { epoch: 'one', head: 600 }],
])('trusts no windows of a journal that lost its end: %s', async (_, changed) => {
  const { open, journal } = setup()
  const ledger = open()
  ledger.streams.add('a', 's', 7)
  ledger.accepted(700)
  ledger.duplicate()
  await ledger.save()

  Object.assign(journal, changed)
  const again = open()
  expect([await again.load(), again.streams.has('a', 's', 7), again.counts().duplicates]).toEqual([0, false, 1])
})

it('is saved when it is ten seconds old, or far behind, and not when nothing happened', async () => {
  const { clock, file, open } = setup()
  const ledger = open()
  await clock.advance(60_000)
  expect(file.state).toBeUndefined()
  ledger.accepted(5)
  await clock.advance(1_000)
  expect(file.state?.position).toBe(5)
  ledger.accepted(6)
  await clock.advance(8_000)
  expect(file.state?.position).toBe(5)
  for (let message = 0; message < 100_000; message++) ledger.accepted(7 + message)
  await clock.advance(1_000)
  expect(file.state?.position).toBe(100_006)
})

it('says it covers only what the devices have saved, too', async () => {
  const { devices, file, open } = setup()
  const ledger = open()
  ledger.accepted(5)
  devices.saved = false
  await ledger.save()
  expect(file.state?.position).toBe(0)
  devices.saved = true
  await ledger.save()
  expect(file.state?.position).toBe(5)
})

it('tries again when the disk does not take it, and says so once', async () => {
  const { clock, file, lines, open } = setup()
  const { save } = file
  file.save = () => Promise.reject(new Error('ENOSPC'))
  const ledger = open()
  ledger.accepted(5)
  await clock.advance(60_000)
  expect(lines).toEqual(['ledger not saved, trying again'])
  file.save = save
  await clock.advance(20_000)
  expect(file.state?.position).toBe(5)
})

it('does not write over a ledger it could not read', async () => {
  const { file, open } = setup()
  let saves = 0
  file.save = async () => void saves++
  file.load = () => Promise.reject(new Error('format 2'))
  const ledger = open()
  await expect(ledger.load()).rejects.toThrow('format 2')
  await ledger.close()
  expect(saves).toBe(0)
})
