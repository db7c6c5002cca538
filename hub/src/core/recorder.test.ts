import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../../test/fake-clock.ts'
import { batchOf, createMemoryJournal, createMemoryStore } from '../../test/memory-parts.ts'
import { StoreError } from './errors.ts'
import type { Batch, Log } from './ports.ts'
import { createRecorder } from './recorder.ts'

function setup(fault?: (batches: readonly Batch[]) => Error | undefined) {
  const clock = createFakeClock()
  const journal = createMemoryJournal()
  const store = createMemoryStore(fault)
  const lines: string[] = []
  const line = (event: string) => void lines.push(event)
  const log: Log = { debug() {}, info: line, warn: line, error: line }
  const dead: { value: unknown; reason: string }[] = []
  const deadLetters = {
    get count() {
      return dead.length
    },
    async add({ columns }: Batch, reason: string) {
      dead.push({ value: columns[0]?.[0], reason })
    },
  }
  const open = () => createRecorder({ journal, store, deadLetters, clock, log, random: () => 0 })
  const valuesOf = () => store.written.flatMap(({ columns }) => columns.flat())
  return { clock, journal, store, lines, dead, open, valuesOf }
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
    const { clock, journal, open, valuesOf, lines } = setup(() =>
      away ? new StoreError('unavailable', 'refused') : undefined,
    )
    const recorder = open()
    await clock.advance(0)
    for (let i = 1; i <= 50; i++) {
      const batch = batchOf('a', [i], [i])
      recorder.take({ batch, end: await journal.append(batch) })
      await clock.advance(1_000)
    }
    expect([recorder.status().pending, recorder.status().trouble?.message]).toEqual([50, 'refused'])
    away = false
    await clock.advance(60_000)
    expect([valuesOf().length, recorder.status().pending, lines.length]).toEqual([50, 0, 2])
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
    const poison = (batches: readonly Batch[]) =>
      batches.some(({ columns }) => columns.some((column) => column.includes(666)))
        ? new StoreError('refused', 'cannot parse')
        : undefined
    const { clock, journal, store, open, valuesOf, dead } = setup(poison)
    for (let i = 0; i < 50; i++) {
      const values = Array.from({ length: 100 }, (_, j) => (i === 31 && j === 77 ? 666 : i * 1_000 + j))
      await journal.append(
        batchOf(
          'a',
          values.map((_, j) => i * 100 + j),
          values,
        ),
      )
    }
    const recorder = open()
    await clock.advance(1_000)
    const { stored, deadLetter, pending } = recorder.status()
    expect([valuesOf().length, dead, { stored, deadLetter, pending }, store.writes < 40]).toEqual([
      4_999,
      [{ value: 666, reason: 'cannot parse' }],
      { stored: 4_999, deadLetter: 1, pending: 0 },
      true,
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

  it('goes on behind a hole in the journal, and counts what was in it', async () => {
    const { clock, journal, open, valuesOf, lines } = setup()
    for (let i = 1; i <= 4; i++) await journal.append(batchOf('a', [i], [i]))
    journal.entries.splice(1, 1)
    journal.entries.pop()
    const recorder = open()
    await clock.advance(1_000)
    const { stored, expired, pending } = recorder.status()
    expect([valuesOf(), { stored, expired, pending }, lines.length]).toEqual([
      [1, 3],
      { stored: 2, expired: 2, pending: 0 },
      2,
    ])
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
