import { expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { batchOf, createMemoryJournal, createMemoryLedgerFile, silentLog } from '../../test/memory-parts.ts'
import { createLedger } from './ledger.ts'
import type { Batch, Entry } from './ports.ts'
import { createRecall } from './recall.ts'

async function setup(messages: number) {
  const clock = createFakeClock()
  const journal = createMemoryJournal()
  for (let seq = 0; seq < messages; seq++) await journal.append({ ...batchOf('a', [seq], [seq]), stream: 's', seq })
  const file = createMemoryLedgerFile()
  const ledger = createLedger({ file, journal, saveDevices: async () => true, clock, log: silentLog })
  const restored = { live: [] as number[], devices: [] as number[], from: -1 }
  const recall = createRecall({
    journal,
    ledger,
    devices: { restore: ({ at }: Batch) => void restored.devices.push(at[0] as number) },
    live: {
      startAt: (position) => {
        restored.from = position
      },
      restore: ({ batch }: Entry) => void restored.live.push(batch.at[0] as number),
    },
    clock,
    log: silentLog,
  })
  const known = () =>
    Array.from({ length: messages }, (_, seq) => seq).filter((seq) => ledger.streams.has('a', 's', seq))
  return { clock, file, journal, ledger, recall, restored, known }
}

it('learns only what the ledger does not cover, and gives memory its part of the stream', async () => {
  const { file, ledger, recall, restored } = await setup(10)
  await file.save({
    epoch: 'memory',
    position: 8,
    lost: [],
    duplicates: 0,
    jumps: 0,
    conflicts: 0,
    rejected: {},
    streams: [],
  })
  await recall.start(4)
  expect([restored, recall.rest, ledger.covered]).toEqual([
    { live: [6, 7, 8, 9], devices: [8, 9], from: 6 },
    undefined,
    10,
  ])
})

it('without a ledger learns the newest at once, the rest afterwards, and covers it only then', async () => {
  const { clock, ledger, recall, known } = await setup(1_000)
  await recall.start(4)
  const atOnce = [known().length < 1_000, known().slice(-4), ledger.covered < 996]
  const { rest } = recall
  await clock.advance(100)
  await rest
  expect([atOnce, known().length, ledger.covered, recall.rest]).toEqual([
    [true, [996, 997, 998, 999], true],
    1_000,
    1_000,
    undefined,
  ])
})

it('stops when the hub does, and does not claim to know the rest', async () => {
  const { clock, file, ledger, recall } = await setup(1_000)
  await recall.start(4)
  const closed = recall.close()
  await clock.advance(0)
  await closed
  await ledger.close()
  expect(file.state?.position).toBeLessThan(996)
})
