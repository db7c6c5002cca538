import { describe, expect, it } from 'vitest'
import { createFakeClock, settled } from '../../../test/fake-clock.ts'
import {
  batchOf,
  createMemoryDeadLetters,
  createMemoryJournal,
  createMemoryLedgerFile,
  createMemoryStore,
} from '../../../test/memory-parts.ts'
import { StoreError } from '../errors.ts'
import { createLedger } from '../ledger.ts'
import type { Batch, Log } from '../ports.ts'
import { createRecorder } from './recorder.ts'

function setup(fault?: (batches: readonly Batch[]) => Error | undefined) {
  const clock = createFakeClock()
  const journal = createMemoryJournal()
  const store = createMemoryStore(fault)
  const lines: { event: string; fields: Record<string, unknown> | undefined }[] = []
  const line = (event: string, fields?: Record<string, unknown>) => void lines.push({ event, fields })
  const log: Log = { debug() {}, info: line, warn: line, error: line }
  const deadLetters = createMemoryDeadLetters()
  const file = createMemoryLedgerFile()
  const saveDevices = async () => true
  const ledgers = { file, open: () => createLedger({ file, journal, saveDevices, clock, log }) }
  const ledger = ledgers.open()
  function open(knowing = ledger) {
    const recorder = createRecorder({ journal, store, deadLetters, ledger: knowing, clock, log, random: () => 0 })
    recorder.start()
    return recorder
  }
  /** What `GET /stats` would say; checks on the way that it adds up. */
  function account(recorder: ReturnType<typeof open>) {
    const { stored, pending, deadLetter, expired } = recorder.status()
    expect(stored + pending + deadLetter + expired).toBe(journal.head)
    expect(Math.min(stored, pending, deadLetter, expired)).toBeGreaterThanOrEqual(0)
    return { stored, pending, deadLetter, expired }
  }
  async function append(values: number[], at = values) {
    const batch = batchOf('a', at, values)
    return { batch, end: await journal.append(batch) }
  }
  const valuesOf = () => store.written.flatMap(({ columns }) => columns.flat())
  return { clock, journal, store, lines, deadLetters, ledger, ledgers, open, account, append, valuesOf }
}

const refusing = (...bad: number[]) =>
  function poison(batches: readonly Batch[]) {
    const found = batches.some(({ columns }) =>
      columns.some((column) => column.some((value) => bad.includes(Number(value)))),
    )
    return found ? new StoreError('refused', 'cannot parse') : undefined
  }

describe('the recorder', () => {
  it('writes what it is told of, many entries at a time', async () => {
    const { clock, journal, store, open, valuesOf } = setup()
    const recorder = open()
    await clock.advance(0)
    for (let i = 1; i <= 10; i++) {
      const batch = batchOf('a', [i], [i])
      recorder.take({ batch, end: await journal.append(batch) })
    }
    await clock.advance(1_000)
    expect([valuesOf().length, store.writes <= 2, recorder.status().pending]).toEqual([10, true, 0])
  })

  it('takes from the journal what was there before it started', async () => {
    const { clock, journal, open, valuesOf } = setup()
    for (let i = 1; i <= 3; i++) await journal.append(batchOf('a', [i], [i]))
    open()
    await clock.advance(1_000)
    expect(valuesOf()).toEqual([1, 2, 3])
  })

  it('goes on where the store stands', async () => {
    const { clock, journal, store, open, valuesOf } = setup()
    for (let i = 1; i <= 3; i++) await journal.append(batchOf('a', [i], [i]))
    await store.write([], { epoch: 'memory', position: 2 })
    open()
    await clock.advance(1_000)
    expect(valuesOf()).toEqual([3])
  })

  it('drops nothing while the store is away, and says so once at the start and once at the end', async () => {
    let away = true
    const { clock, append, open, valuesOf, lines } = setup(() =>
      away ? new StoreError('unavailable', 'refused') : undefined,
    )
    const recorder = open()
    await clock.advance(0)
    for (let i = 1; i <= 50; i++) {
      recorder.take(await append([i]))
      await clock.advance(1_000)
    }
    expect([recorder.status().pending, recorder.status().trouble?.message]).toEqual([50, 'refused'])
    away = false
    await clock.advance(60_000)
    expect([valuesOf().length, recorder.status().pending]).toEqual([50, 0])
    expect(lines).toEqual([
      {
        event: 'store unreachable; readings wait in the journal',
        fields: { backend: 'memory', reason: 'refused' },
      },
      {
        event: 'store takes readings again',
        fields: { backend: 'memory', forMs: expect.any(Number), tries: expect.any(Number), readings: 49 },
      },
    ])
  })

  it('names the setting once when an outage turns out to be a wrong setting', async () => {
    const faults = [
      new StoreError('unavailable', 'refused'),
      new StoreError('misconfigured', '401', { setting: 'TELEHUB_INFLUX_TOKEN' }),
    ]
    const { clock, append, open, lines } = setup(() => (faults.length > 1 ? faults.shift() : faults[0]))
    const recorder = open()
    recorder.take(await append([1]))
    await clock.advance(300_000)
    expect([lines.map(({ fields }) => fields?.setting), recorder.status().trouble?.setting]).toEqual([
      [undefined, 'TELEHUB_INFLUX_TOKEN'],
      'TELEHUB_INFLUX_TOKEN',
    ])
  })

  it('asks again within the hour however long the store wants to be left alone', async () => {
    const { clock, append, store, open } = setup(
      () => new StoreError('unavailable', 'busy', { retryAfterMs: 400 * 86_400_000 }),
    )
    await append([1])
    open()
    await clock.advance(3_600_000)
    expect(store.writes).toBe(2)
  })

  it('tries no earlier than the store asks', async () => {
    const { clock, journal, store, open } = setup(() => new StoreError('unavailable', 'busy', { retryAfterMs: 30_000 }))
    await journal.append(batchOf('a', [1], [1]))
    open()
    await clock.advance(29_999)
    expect(store.writes).toBe(1)
    await clock.advance(2)
    expect(store.writes).toBe(2)
  })

  it('puts the one poison reading of many aside, with the words of the store', async () => {
    const { clock, journal, store, open, account, valuesOf, deadLetters } = setup(refusing(666))
    for (let i = 0; i < 50; i++) {
      const values = Array.from({ length: 100 }, (_, j) => (i === 31 && j === 77 ? 666 : i * 1_000 + j))
      const at = values.map((_, j) => i * 100 + j)
      await journal.append(batchOf('a', at, values))
    }
    const recorder = open()
    await clock.advance(1_000)
    expect([valuesOf().length, account(recorder), store.writes < 40]).toEqual([
      4_999,
      { stored: 4_999, pending: 0, deadLetter: 1, expired: 0 },
      true,
    ])
    expect(deadLetters.letters).toEqual([
      {
        id: 'memory:3177',
        position: 3_177,
        device: 'a',
        metric: 'temperature',
        at: 3_177,
        value: 666,
        receivedAt: 3_199,
        reason: 'cannot parse',
      },
    ])
  })

  it('does not trust a mark past the end of the journal', async () => {
    const { clock, journal, store, open, valuesOf } = setup()
    await store.write([], { epoch: 'memory', position: 99 })
    await journal.append(batchOf('a', [1], [1]))
    open()
    await clock.advance(1_000)
    expect(valuesOf()).toEqual([1])
  })

  it('goes on behind a hole in the journal, and counts what was in it, once, also after a restart', async () => {
    const { clock, journal, store, open, account, append, valuesOf, ledgers } = setup()
    for (let i = 1; i <= 4; i++) await append([i])
    journal.entries.splice(1, 1)
    journal.entries.pop()
    const recorder = open()
    await clock.advance(1_000)
    const account1 = account(recorder)
    await recorder.close()

    // The store forgot where it was, so that everything is read again.
    store.mark = async () => undefined
    const ledger = ledgers.open()
    await ledger.load()
    const again = open(ledger)
    await clock.advance(1_000)
    expect([new Set(valuesOf()), account1, account(again)]).toEqual([
      new Set([1, 3]),
      { stored: 2, pending: 0, deadLetter: 0, expired: 2 },
      { stored: 2, pending: 0, deadLetter: 0, expired: 2 },
    ])
  })

  it('adds up at every moment, with the store away, back, and refusing some of it', async () => {
    let away = true
    const poison = refusing(13, 14, 77)
    const { clock, open, account, append } = setup((batches) =>
      away ? new StoreError('unavailable', 'x') : poison(batches),
    )
    const recorder = open()
    for (let i = 0; i < 100; i++) {
      recorder.take(await append([i]))
      account(recorder)
      await clock.advance(100)
      if (i === 50) away = false
    }
    for (let ms = 0; ms < 60_000; ms += 50) {
      await clock.advance(50)
      account(recorder)
    }
    expect(account(recorder)).toEqual({ stored: 97, pending: 0, deadLetter: 3, expired: 0 })
  })

  it('stores dead letters that are tried again once the store takes them, and leaves the others', async () => {
    let bad = [3, 5, 7]
    const { clock, open, account, append, deadLetters, valuesOf } = setup((batches) => refusing(...bad)(batches))
    const recorder = open()
    recorder.take(await append([1, 2, 3, 4, 5, 6, 7, 8]))
    await clock.advance(1_000)
    expect(account(recorder)).toEqual({ stored: 5, pending: 0, deadLetter: 3, expired: 0 })
    bad = [5]
    const result = recorder.retry()
    await settled()
    expect([
      await result,
      deadLetters.letters.map(({ value }) => value),
      new Set(valuesOf()),
      account(recorder),
    ]).toEqual([
      { stored: 2, refused: 1 },
      [5],
      new Set([1, 2, 4, 6, 8, 3, 7]),
      { stored: 7, pending: 0, deadLetter: 1, expired: 0 },
    ])
  })

  it('does not try dead letters while the store is away, and knows no others', async () => {
    let away = false
    const { clock, open, append, deadLetters } = setup((batches) =>
      away ? new StoreError('unavailable', 'gone') : refusing(3)(batches),
    )
    const recorder = open()
    recorder.take(await append([3]))
    await clock.advance(1_000)
    await expect(recorder.retry(['memory:9'])).rejects.toMatchObject({ code: 'not-found' })
    away = true
    await expect(recorder.retry(['memory:0'])).rejects.toMatchObject({ code: 'store-unavailable' })
    expect(deadLetters.count).toBe(1)
  })

  it('waits for a person when dead letters are no exceptions any more, and goes on when there is room again', async () => {
    const { clock, open, account, append, deadLetters } = setup(refusing(1, 2))
    const { add } = deadLetters
    deadLetters.add = async () => {
      throw new StoreError('misconfigured', 'There are 10000 dead letters')
    }
    const recorder = open()
    recorder.take(await append([1, 2, 3]))
    await clock.advance(60_000)
    expect([account(recorder), recorder.status().trouble?.message]).toEqual([
      { stored: 0, pending: 3, deadLetter: 0, expired: 0 },
      'There are 10000 dead letters',
    ])
    deadLetters.add = add
    await clock.advance(60_000)
    expect(account(recorder)).toEqual({ stored: 1, pending: 0, deadLetter: 2, expired: 0 })
  })

  it('lets the journal go only of what the ledger has saved', async () => {
    const { clock, journal, ledger, ledgers, open, append } = setup()
    const recorder = open()
    const releases: unknown[] = []
    journal.release = async (position) => {
      releases.push([position, ledgers.file.state?.position])
    }
    const entry = await append([1, 2, 3])
    ledger.accepted(entry.end)
    recorder.take(entry)
    await clock.advance(1_000)
    expect(releases.at(-1)).toEqual([3, 3])
  })

  it('ends in time although a write hangs, and keeps what is left for the next start', async () => {
    const { clock, open, append, store, account } = setup()
    store.write = () => new Promise(() => {})
    const recorder = open()
    recorder.take(await append([1]))
    await clock.advance(1_000)
    const closed = recorder.close()
    await clock.advance(2_000)
    await closed
    expect(account(recorder).pending).toBe(1)
  })

  it('writes what is left when the hub closes', async () => {
    const { clock, journal, open, valuesOf } = setup()
    const recorder = open()
    await clock.advance(0)
    const batch = batchOf('a', [1], [1])
    recorder.take({ batch, end: await journal.append(batch) })
    await recorder.close()
    expect(valuesOf()).toEqual([1])
  })
})
