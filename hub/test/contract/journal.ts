// What every Journal must do, whatever it is made of.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Batch, Entry, Journal } from '../../src/core/ports.ts'

export interface JournalPlace {
  dir: string
  maxBytes?: number
  /** When the journal keeps its log in pieces: how large they are. */
  segmentBytes?: number
}

/** `open` is called again with the same place to see what is left after a close. */
export function journalContract(name: string, open: (place: JournalPlace) => Promise<Journal>): void {
  function createStand(options: Omit<JournalPlace, 'dir'> = {}) {
    const dir = mkdtempSync(join(tmpdir(), 'telehub-journal-'))
    let journal: Journal | undefined
    onTestFinished(async () => {
      await journal?.close()
      rmSync(dir, { recursive: true, force: true })
    })
    return async (): Promise<Journal> => {
      await journal?.close()
      journal = await open({ dir, ...options })
      return journal
    }
  }

  describe(`journal: ${name}`, () => {
    it('is empty at first, and names itself', async () => {
      const journal = await createStand()()

      expect([journal.head, journal.tail, await entriesOf(journal)]).toEqual([0, 0, []])
      expect(journal.epoch).toMatch(/^[a-z0-9]{1,32}$/)
    })

    it('gives each batch back as it was, with the position after it', async () => {
      const journal = await createStand()()

      expect(await journal.append(rich)).toBe(4)
      expect(await journal.append(numbered(1, 3))).toBe(7)

      expect(await entriesOf(journal)).toEqual([
        { batch: rich, end: 4 },
        { batch: numbered(1, 3), end: 7 },
      ])
      expect(journal.head).toBe(7)
    })

    it('answers in the order of the calls, however many come at once', async () => {
      const journal = await createStand()()
      const answered: number[] = []

      const ends = await Promise.all(
        Array.from({ length: 300 }, (_, n) => journal.append(numbered(n, 2)).finally(() => answered.push(n))),
      )

      expect(ends).toEqual(Array.from({ length: 300 }, (_, n) => (n + 1) * 2))
      expect(answered).toEqual(Array.from({ length: 300 }, (_, n) => n))
      expect(await numbersIn(journal)).toEqual(answered)
    })

    it('reads from the entry that contains a position, wherever that is', async () => {
      const journal = await createStand({ segmentBytes: 4_096 })()
      await Promise.all(Array.from({ length: 200 }, (_, n) => journal.append(numbered(n, 3))))

      for (const from of [0, 1, 2, 3, 299, 300, 301, 599]) {
        const [first] = await entriesOf(journal, from)
        expect([first?.batch.seq, first?.end]).toEqual([Math.floor(from / 3), Math.floor(from / 3) * 3 + 3])
      }
      expect(await entriesOf(journal, 600)).toEqual([])
    })

    it('reads up to the head at the time of the call, while appends go on', async () => {
      const journal = await createStand({ segmentBytes: 4_096 })()
      for (let n = 0; n < 50; n++) await journal.append(numbered(n, 1))

      const reading = journal.read(10)
      const seen: unknown[] = []
      for (let n = 50; n < 60; n++) await journal.append(numbered(n, 1))
      for await (const entry of reading) {
        await journal.append(numbered(100, 1))
        seen.push(entry.batch.seq)
      }

      expect(seen).toEqual(Array.from({ length: 40 }, (_, n) => n + 10))
    })

    it('holds everything after it was closed, and goes on where it was', async () => {
      const reopen = createStand({ segmentBytes: 4_096 })
      const first = await reopen()
      for (let n = 0; n < 100; n++) await first.append(numbered(n, 2))
      const { epoch } = first

      const second = await reopen()
      expect([second.epoch, second.head, (await numbersIn(second)).length]).toEqual([epoch, 200, 100])
      expect(await second.append(numbered(100, 2))).toBe(202)
      const third = await reopen()
      expect((await numbersIn(third, 196)).join()).toBe('98,99,100')
    })

    it('finishes what it was given before it was closed, and takes nothing after', async () => {
      const reopen = createStand()
      const journal = await reopen()

      const answers = Promise.all([journal.append(numbered(1, 1)), journal.append(numbered(2, 1))])
      await journal.close()

      expect(await answers).toEqual([1, 2])
      await expect(journal.append(numbered(3, 1))).rejects.toMatchObject({ name: 'HubError' })
      expect(await numbersIn(await reopen())).toEqual([1, 2])
    })

    it('lets go of what nobody needs, and nothing else', async () => {
      const reopen = createStand({ segmentBytes: 4_096 })
      const journal = await reopen()
      for (let n = 0; n < 200; n++) await journal.append(numbered(n, 2))
      const before = journal.stats().bytes

      await journal.release(250)

      expect(journal.stats().bytes).toBeLessThan(before)
      expect(journal.tail).toBeGreaterThan(0)
      expect(journal.tail).toBeLessThanOrEqual(250)
      expect((await numbersIn(journal, 250))[0]).toBe(125)
      expect((await entriesOf(await reopen()))[0]?.end).toBe(journal.tail + 2)
    })

    it('says from which position on a release frees something', async () => {
      const journal = await createStand({ segmentBytes: 4_096 })()
      await journal.append(numbered(0, 2))
      expect(journal.releasableAt).toBe(Number.POSITIVE_INFINITY)
      for (let n = 1; n < 200; n++) await journal.append(numbered(n, 2))

      const { releasableAt, tail } = journal
      await journal.release(releasableAt - 1)
      expect(journal.tail).toBe(tail)
      await journal.release(releasableAt)
      expect(journal.tail).toBe(releasableAt)
    })

    it('keeps its position and its name when all was released', async () => {
      const reopen = createStand({ segmentBytes: 4_096 })
      const journal = await reopen()
      for (let n = 0; n < 200; n++) await journal.append(numbered(n, 2))

      await journal.release(400)
      const reopened = await reopen()

      expect([reopened.head, reopened.epoch]).toEqual([400, journal.epoch])
      expect(reopened.stats().bytes).toBeLessThanOrEqual(4_096)
    })

    it('refuses readings past its budget, drops none, and takes them again after a release', async () => {
      const journal = await createStand({ maxBytes: 20_000 })()
      const answers = await Promise.allSettled(Array.from({ length: 500 }, (_, n) => journal.append(numbered(n, 2))))
      const kept = answers.flatMap((answer, n) => (answer.status === 'fulfilled' ? [n] : []))
      const refused = answers.find((answer) => answer.status === 'rejected')

      expect(refused?.reason).toMatchObject({ code: 'journal-full', retryAfterMs: expect.any(Number) })
      const { bytes, budgetBytes, roomBytes, refusal } = journal.stats()
      expect([bytes + roomBytes <= budgetBytes, refusal]).toEqual([true, expect.stringContaining('full')])
      expect(await numbersIn(journal)).toEqual(kept)

      await journal.release(journal.head)
      expect(await journal.append(numbered(1, 2))).toBe(kept.length * 2 + 2)
    })
  })
}

const rich: Batch = {
  device: 'pump-1',
  receivedAt: 1_700_000_000_123,
  stream: 'abc',
  seq: 42,
  at: [1_700_000_000_000, 1_700_000_000_050, 1_699_999_999_999],
  metrics: ['temperature', 'running', 'note'],
  columns: [
    [21.5, null, 5e-324],
    [null, true, null],
    ['', null, null],
  ],
  count: 4,
}

function numbered(n: number, rows: number): Batch {
  const at = Array.from({ length: rows }, (_, i) => 1_700_000_000_000 + n * 1000 + i)
  const common = { device: `meter-${n}`, receivedAt: 1_700_000_000_000 + n, stream: 'stream', seq: n }
  return { ...common, at, metrics: ['power'], columns: [at.map((_, i) => n + i / 10)], count: rows }
}

async function entriesOf(journal: Journal, from = 0): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of journal.read(from)) entries.push(entry)
  return entries
}

async function numbersIn(journal: Journal, from = 0): Promise<unknown[]> {
  return (await entriesOf(journal, from)).map(({ batch }) => batch.seq)
}
