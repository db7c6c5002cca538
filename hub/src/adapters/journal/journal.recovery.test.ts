// What a crash, a flipped bit or a missing file leaves behind: whole records survive, the rest is said, never silent.

import { cp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { openJournal } from './journal.ts'
import { headerBytes } from './segment.ts'
import { appendAll, batch, createMemoryLog, createStand, entriesOf, numbersIn, testClock } from './testing/samples.ts'

const flip = (offset: number) => (bytes: Buffer) => {
  bytes[offset] = (bytes[offset] ?? 0) ^ 1
  return bytes
}

it('cuts a tail that was not written to its end, wherever the write stopped', async () => {
  const stand = createStand()
  const journal = await stand.open()
  await appendAll(journal, 1, 2)
  const good = journal.stats().bytes
  await appendAll(journal, 3, 3)
  const [name] = await stand.segments()
  const whole = await readFile(join(stand.dir, String(name)))

  for (let length = good; length < whole.length; length++) {
    await stand.change(name, () => whole.subarray(0, length))
    const reopened = await stand.open()
    expect([reopened.head, reopened.epoch, await numbersIn(reopened)]).toEqual([2, journal.epoch, [1, 2]])
    expect(reopened.stats().bytes).toBe(good)
  }
  expect([stand.log.count('error'), stand.log.count('warn')]).toEqual([0, whole.length - good - 1])
})

it('cuts a tail of zeros, which a power cut can leave', async () => {
  const stand = createStand()
  const journal = await stand.open()
  await appendAll(journal, 1, 2)
  await stand.change((await stand.segments())[0], (bytes) => Buffer.concat([bytes, Buffer.alloc(5000)]))

  const reopened = await stand.open()
  await appendAll(reopened, 3, 3)

  expect(await numbersIn(await stand.open())).toEqual([1, 2, 3])
  expect(stand.log.count('error')).toBe(0)
})

it('begins another epoch when the last record is damaged, and goes on at the position before it', async () => {
  const stand = createStand()
  const journal = await stand.open()
  await appendAll(journal, 1, 2, 5)
  const good = journal.stats().bytes
  await appendAll(journal, 3, 3, 5)
  await stand.change((await stand.segments())[0], flip(good + 60))

  const reopened = await stand.open()
  expect([reopened.head, reopened.epoch === journal.epoch]).toEqual([10, false])
  expect(await stand.quarantined()).toEqual([`0000000000000000.segment-${good}.damaged`])
  expect(stand.log.count('error')).toBe(1)

  await appendAll(reopened, 4, 4, 5)
  const again = await stand.open()
  expect([again.epoch, await numbersIn(again)]).toEqual([reopened.epoch, [1, 2, 4]])
})

it('reads on after a damaged record in the middle, at the right positions, and says once what is missing', async () => {
  const stand = createStand()
  const journal = await stand.open()
  await appendAll(journal, 1, 1, 5)
  const offset = journal.stats().bytes
  await appendAll(journal, 2, 4, 5)
  await stand.change((await stand.segments())[0], flip(offset + 60))

  const reopened = await stand.open()
  const entries = await entriesOf(reopened)
  await entriesOf(reopened)

  expect(entries.map(({ batch, end }) => [batch.seq, end])).toEqual([
    [1, 5],
    [3, 15],
    [4, 20],
  ])
  expect(reopened.epoch).toBe(journal.epoch)
  expect(stand.log.lines.filter(({ level }) => level === 'error')).toMatchObject([
    { fields: { fromPosition: 5, toPosition: 10, offset } },
  ])
  expect(await stand.quarantined()).toHaveLength(1)
})

it('reads on after damage in an old segment, and puts the damaged bytes aside', async () => {
  const stand = createStand({ segmentBytes: 400 })
  const journal = await stand.open()
  await appendAll(journal, 1, 20)
  const names = await stand.segments()
  await stand.change(names[2], flip(headerBytes + 30))

  const reopened = await stand.open()
  const numbers = await numbersIn(reopened)

  expect(numbers).toHaveLength(19)
  expect(await stand.quarantined()).toHaveLength(1)
  expect([reopened.epoch, reopened.head, stand.log.count('error')]).toEqual([journal.epoch, 20, 1])
})

it('says so when a segment between two others is gone', async () => {
  const stand = createStand({ segmentBytes: 400 })
  await appendAll(await stand.open(), 1, 20)
  const names = await stand.segments()
  await rm(join(stand.dir, String(names[1])))

  const numbers = await numbersIn(await stand.open())

  expect(numbers.length).toBeLessThan(20)
  expect(stand.log.lines).toContainEqual(expect.objectContaining({ event: 'journal damaged: readings are missing' }))
})

it('removes a segment that was cut off while it was made, and goes on in the one before', async () => {
  const stand = createStand()
  const journal = await stand.open()
  await appendAll(journal, 1, 3)
  const [name] = await stand.segments()
  await cp(join(stand.dir, String(name)), join(stand.dir, '0000000000000003.segment'))
  await stand.change('0000000000000003.segment', (bytes) => bytes.subarray(0, 20))

  const reopened = await stand.open()
  await appendAll(reopened, 4, 4)

  expect([reopened.epoch, await numbersIn(reopened)]).toEqual([journal.epoch, [1, 2, 3, 4]])
  expect(await stand.segments()).toEqual([name])
})

it('keeps the records of a segment whose header is damaged, under another epoch', async () => {
  const stand = createStand()
  const journal = await stand.open()
  await appendAll(journal, 1, 3)
  await stand.change((await stand.segments())[0], flip(40))

  const reopened = await stand.open()

  expect([reopened.head, await numbersIn(reopened)]).toEqual([3, [1, 2, 3]])
  expect(reopened.epoch).not.toBe(journal.epoch)
})

it('refuses a format it does not know, and leaves the file alone', async () => {
  const stand = createStand()
  await appendAll(await stand.open(), 1, 3)
  const [name] = await stand.segments()
  await stand.change(name, (bytes) => {
    bytes.writeUInt32LE(2, 8)
    bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
    return bytes
  })
  const before = await readFile(join(stand.dir, String(name)))

  await expect(stand.open()).rejects.toThrow('journal format 2, this hub reads format 1')
  expect(await readFile(join(stand.dir, String(name)))).toEqual(before)
})

it('begins another epoch when all segments are gone', async () => {
  const stand = createStand()
  const journal = await stand.open()
  await appendAll(journal, 1, 3)
  for (const name of await stand.segments()) await rm(join(stand.dir, name))

  const reopened = await stand.open()

  expect([reopened.head, reopened.tail, reopened.epoch === journal.epoch]).toEqual([0, 0, false])
})

it('never gives back anything else than was appended, whichever bit flips, and misses at most what it hit', async () => {
  const stand = createStand({ segmentBytes: 600 })
  const journal = await stand.open()
  await appendAll(journal, 0, 29, 2)
  const names = await stand.segments()
  const files = new Map<string, Buffer>()
  for (const name of names) files.set(name, await readFile(join(stand.dir, name)))

  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat(7), async (name, anywhere, bit) => {
      const damaged = Buffer.from(files.get(name) ?? [])
      const offset = anywhere % damaged.length
      damaged[offset] = (damaged[offset] ?? 0) ^ (1 << bit)
      await stand.change(name, () => damaged)
      const log = createMemoryLog()
      const reopened = await openJournal({ dir: stand.dir, maxBytes: 1 << 30, clock: testClock, log })
      const entries = await entriesOf(reopened)
      await reopened.close()
      for (const extra of await stand.segments()) if (!files.has(extra)) await rm(join(stand.dir, extra))
      for (const [kept, bytes] of files) await writeFile(join(stand.dir, kept), bytes)
      await rm(join(stand.dir, 'quarantine'), { recursive: true, force: true })

      for (const entry of entries) {
        const n = Number(entry.batch.seq)
        expect(entry).toEqual({ batch: batch(n, 2), end: (n + 1) * 2 })
      }
      expect(entries.length).toBeGreaterThanOrEqual(29)
      expect(log.count('error') + log.count('warn')).toBeGreaterThan(0)
    }),
    { numRuns: 150 },
  )
})

it('lets a reading go on when what it has not read yet is released, and closes its files when it is given up', async () => {
  const stand = createStand({ segmentBytes: 400 })
  const journal = await stand.open()
  await appendAll(journal, 1, 20)

  const seen: unknown[] = []
  for await (const entry of journal.read(0)) {
    if (seen.length === 0) await journal.release(18)
    seen.push(entry.batch.seq)
  }
  for await (const _ of journal.read(0)) break

  expect(seen[0]).toBe(1)
  expect(seen.slice(-2)).toEqual([19, 20])
  const open = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  )
  expect(open.filter((path) => path.startsWith(stand.dir))).toHaveLength(1)
})
