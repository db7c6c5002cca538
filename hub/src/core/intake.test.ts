import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import {
  createMemoryJournal,
  createMemoryLedgerFile,
  createMemoryRecords,
  createMemoryStore,
  silentLog,
} from '../../test/memory-parts.ts'
import { createDevices } from './devices.ts'
import { HubError } from './errors.ts'
import { createIntake } from './intake.ts'
import { createLedger } from './ledger.ts'
import { createLive } from './live/live.ts'
import { createRecent } from './live/recent.ts'

const reading = [{ values: { temperature: 21.5 } }]
const message = (seq: number) => ({ device: 'pump-1', via: 'ws' as const, stream: 's1', seq })

function setup() {
  const clock = createFakeClock()
  const journal = createMemoryJournal()
  const devices = createDevices({
    records: createMemoryRecords().devices,
    store: createMemoryStore(),
    clock,
    log: silentLog,
  })
  const recent = createRecent({ maxAgeMs: 60_000 })
  const live = createLive({ recent, epoch: 'memory', clock, devices })
  const accepted: number[] = []
  const file = createMemoryLedgerFile()
  const ledger = createLedger({ file, journal, saveDevices: devices.save, clock, log: silentLog })
  const recall = { rest: undefined as Promise<void> | undefined }
  const intake = createIntake({
    journal,
    ledger,
    recall,
    devices,
    live,
    clock,
    retentionMs: 86_400_000,
    onAccepted: ({ end }) => accepted.push(end),
  })
  return { clock, journal, ledger, recall, devices, intake, accepted }
}

describe('intake', () => {
  let hub: ReturnType<typeof setup>
  beforeEach(() => {
    hub = setup()
  })

  it('accepts readings once they are in the journal', async () => {
    const receipt = await hub.intake.accept(message(1), reading)
    expect([receipt.accepted, hub.journal.head, hub.accepted]).toEqual([1, 1, [1]])
  })

  it('makes a device of whoever reports', async () => {
    await hub.intake.accept(message(1), reading)
    expect(hub.devices.get('pump-1')?.latest).toMatchObject({ temperature: { value: 21.5 } })
  })

  it('makes no device of a message with nothing to keep', async () => {
    await hub.intake.accept(message(1), [{ values: { 'bad name': 1 } }])
    expect(hub.devices.list()).toEqual([])
  })

  it('stores a message that is sent again only once', async () => {
    await hub.intake.accept(message(7), reading)
    const again = await hub.intake.accept(message(7), reading)
    expect([again.duplicate, hub.journal.entries.length, hub.ledger.counts().duplicates]).toEqual([true, 1, 1])
  })

  it('does not acknowledge a repeat before the first one is on disk', async () => {
    const receipts = await Promise.all([hub.intake.accept(message(7), reading), hub.intake.accept(message(7), reading)])
    expect([receipts[0] === receipts[1], hub.journal.entries.length]).toEqual([true, 1])
  })

  it('takes a message that failed when it comes again, also after later ones', async () => {
    hub.journal.fail = new HubError('journal-full', 'full')
    await expect(hub.intake.accept(message(1), reading)).rejects.toMatchObject({ code: 'journal-full' })
    hub.journal.fail = undefined
    await hub.intake.accept(message(2), reading)
    const again = await hub.intake.accept(message(1), reading)
    expect([again.accepted, again.duplicate]).toEqual([1, undefined])
  })

  it('waits for what is still to be learned of the journal before it takes a message for new', async () => {
    let learned = () => {}
    hub.recall.rest = new Promise((resolve) => {
      learned = resolve
    })
    const receipts = Promise.all([hub.intake.accept(message(7), reading), hub.intake.accept(message(8), reading)])
    const unnumbered = await hub.intake.accept({ device: 'pump-1', via: 'http' }, reading)
    hub.ledger.streams.add('pump-1', 's1', 7)
    hub.recall.rest = undefined
    learned()
    expect([unnumbered.accepted, (await receipts).map(({ accepted }) => accepted)]).toEqual([1, [0, 1]])
  })

  it('answers what it took when the hub stops, and takes nothing more', async () => {
    const { append } = hub.journal
    let keep = () => {}
    hub.journal.append = async (batch) => {
      await new Promise<void>((resolve) => {
        keep = resolve
      })
      return append(batch)
    }
    const taken = hub.intake.accept(message(1), reading)
    const answers: string[] = []
    void taken.then(() => answers.push('taken'))
    const closed = hub.intake.close().then(() => answers.push('closed'))
    await expect(hub.intake.accept(message(2), reading)).rejects.toMatchObject({
      code: 'hub-error',
      retryAfterMs: 1_000,
    })
    keep()
    await taken
    await hub.clock.advance(0)
    await closed
    expect([answers, hub.journal.entries.length]).toEqual([['taken', 'closed'], 1])
  })

  it('counts messages ahead of their turn, and readings that contradict the newest', async () => {
    const say = (seq: number, at: number, n: number) => hub.intake.accept(message(seq), [{ at, values: { n } }])
    const now = hub.clock.now()
    await say(1, now, 1)
    await say(4, now, 2)
    await say(2, now + 1, 2)
    await say(5, now + 2, 2)
    expect(hub.ledger.counts()).toMatchObject({ jumps: 1, conflicts: 1 })
  })

  it('gives readings without a time that of the first arrival of their message', async () => {
    const firstAt = hub.clock.now() - 5_000
    await hub.intake.accept({ device: 'pump-1', via: 'mqtt', firstAt }, reading)
    expect(hub.journal.entries[0]?.batch).toMatchObject({ at: [firstAt], receivedAt: hub.clock.now() })
  })

  it('counts what it refuses by code', async () => {
    await hub.intake.accept(message(1), [{ values: { time: 1, ok: 1 } }])
    await hub.intake.accept(message(2), []).catch(() => {})
    expect(hub.ledger.counts().rejected).toEqual({ 'reserved-name': 1, 'empty-batch': 1 })
  })
})
