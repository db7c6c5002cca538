import { beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { createMemoryJournal, createMemoryRecords, createMemoryStore, silentLog } from '../../test/memory-parts.ts'
import { createDevices } from './devices.ts'
import { HubError } from './errors.ts'
import { createIntake } from './intake.ts'
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
  const intake = createIntake({
    journal,
    devices,
    live,
    clock,
    retentionMs: 86_400_000,
    onAccepted: ({ end }) => accepted.push(end),
  })
  return { journal, devices, intake, accepted }
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
    expect([again.duplicate, hub.journal.entries.length, hub.intake.counters().duplicates]).toEqual([true, 1, 1])
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

  it('knows after a restart what the journal holds', async () => {
    await hub.intake.accept(message(7), reading)
    const restarted = setup()
    for (const entry of hub.journal.entries) restarted.intake.restore(entry)
    const again = await restarted.intake.accept(message(7), reading)
    expect([again.duplicate, restarted.devices.get('pump-1')?.latest.temperature?.value]).toEqual([true, 21.5])
  })

  it('counts what it refuses by code', async () => {
    await hub.intake.accept(message(1), [{ values: { time: 1, ok: 1 } }])
    await hub.intake.accept(message(2), []).catch(() => {})
    expect(hub.intake.counters().rejected).toEqual({ 'reserved-name': 1, 'empty-batch': 1 })
  })
})
