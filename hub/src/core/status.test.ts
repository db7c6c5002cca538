import { expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { createMemoryStore } from '../../test/memory-parts.ts'
import type { Devices } from './devices.ts'
import { StoreError } from './errors.ts'
import type { Journal } from './ports.ts'
import { createStatus } from './status.ts'

/** A hub that takes 1,000 readings of 10 bytes a second, and stores some of them. */
function setup() {
  const clock = createFakeClock()
  const journal = { head: 0, room: 1_000_000, refusal: undefined as string | undefined }
  const recorder = { position: 0, trouble: undefined as StoreError | undefined }
  const status = createStatus({
    journal: {
      get head() {
        return journal.head
      },
      stats: () => ({
        bytes: 0,
        budgetBytes: 2_000_000,
        roomBytes: journal.room,
        writtenBytes: journal.head * 10,
        refusal: journal.refusal,
      }),
    } as Journal,
    recorder: {
      status: () => ({
        ...recorder,
        stored: recorder.position,
        pending: journal.head - recorder.position,
        deadLetter: 0,
        expired: 0,
        lagMs: 0,
      }),
    },
    store: createMemoryStore(),
    ledger: { counts: () => ({ rejected: {}, duplicates: 0, jumps: 0, conflicts: 0 }) },
    devices: { tally: () => ({ live: 0, late: 0, silent: 0, offline: 0 }) } as unknown as Devices,
    connections: () => ({ devices: 0, consoles: 0 }),
    clock,
  })
  async function run(seconds: number, storedEach: number) {
    for (let second = 0; second < seconds; second++) {
      journal.head += 1_000
      recorder.position += storedEach
      await clock.advance(1_000)
    }
    return status.stats().journal.timeToFullMs
  }
  return { journal, recorder, status, run }
}

it('has no time to full while all that comes is stored', async () => {
  const { run } = setup()
  expect(await run(20, 1_000)).toBeNull()
})

it('says when the journal will be full, by what comes and is not stored', async () => {
  const { run } = setup()
  await run(20, 1_000)
  // Half of 10,000 bytes a second stay.
  expect(await run(20, 500)).toBe(200_000)
})

it('says so as soon as the store is known to be away', async () => {
  const { recorder, run } = setup()
  await run(20, 1_000)
  recorder.trouble = new StoreError('unavailable', 'gone')
  expect(await run(1, 0)).toBe(100_000)
})

it('is full when the journal refuses, and not ready then, with its words', async () => {
  const { journal, status } = setup()
  journal.refusal = 'The journal is full.'
  expect(status.stats().journal).toMatchObject({ timeToFullMs: 0, refusal: 'The journal is full.' })
  expect(await status.ready()).toMatchObject({
    ready: false,
    checks: { journal: { ok: false, reason: 'The journal is full.' } },
  })
})

it('names the setting to look at when the store refuses the hub', async () => {
  const { recorder, status } = setup()
  recorder.trouble = new StoreError('misconfigured', 'InfluxDB answered 401', { setting: 'TELEHUB_INFLUX_TOKEN' })
  expect(await status.ready()).toMatchObject({
    checks: { store: { ok: false, reason: 'InfluxDB answered 401 (TELEHUB_INFLUX_TOKEN)' } },
  })
})
