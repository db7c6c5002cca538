// How full the journal may become, and that it gets empty again, whatever leaves it no room.

import { expect, it } from 'vitest'
import { createFaultyDisk } from './testing/faulty-disk.ts'
import { appendAll, batch, createStand, numbersIn, testClock } from './testing/samples.ts'

const MiB = 1024 * 1024

/** A stand whose disk says what it has free, looked at as often as the test wants. */
function createSmallDisk(options: Parameters<typeof createStand>[0] = {}) {
  let now = 0
  const stand = createStand({ ...options, clock: { ...testClock, monotonic: () => now } })
  const disk = createFaultyDisk()
  return {
    ...stand,
    disk,
    open: () => stand.open(disk),
    /** Ten percent of it are the reserve. */
    async setFree(freeBytes: number) {
      disk.setSpace({ freeBytes, totalBytes: 10 * MiB })
      now += 1_000
    },
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

it('leaves a tenth of a small disk to store and records, and says so', async () => {
  const stand = createSmallDisk()
  await stand.setFree(1.2 * MiB)
  const journal = await stand.open()
  const big = batch(1, 5_000)
  let kept = 0
  const refused = await (async () => {
    for (;;) {
      const error = await journal.append({ ...big, columns: [big.at.map((at) => String(at))] }).catch((e) => e)
      if (typeof error !== 'number') return error
      kept++
    }
  })()
  expect([kept > 0, refused.code]).toEqual([true, 'journal-full'])
  expect(journal.stats()).toMatchObject({ refusal: expect.stringContaining('are kept for store and records') })
  expect(journal.stats().bytes).toBeLessThan(0.2 * MiB)
})

it('takes readings again by itself when the disk has room again', async () => {
  const stand = createSmallDisk()
  await stand.setFree(1 * MiB)
  const journal = await stand.open()
  await expect(journal.append(batch(1))).rejects.toMatchObject({ code: 'journal-full', retryAfterMs: 5_000 })
  await stand.setFree(5 * MiB)
  await expect(journal.append(batch(2))).rejects.toMatchObject({ code: 'journal-full' })
  await settled()
  await journal.append(batch(3))
  expect([await numbersIn(journal), journal.stats().refusal]).toEqual([[3], undefined])
})

it('gives back the last segment, too, when the disk is what leaves no room', async () => {
  const stand = createSmallDisk()
  await stand.setFree(5 * MiB)
  const journal = await stand.open()
  await appendAll(journal, 1, 5)
  expect(journal.releasableAt).toBe(Number.POSITIVE_INFINITY)

  await stand.setFree(1 * MiB)
  journal.stats()
  await settled()
  expect(journal.releasableAt).toBe(5)
  await journal.release(5)
  expect([journal.tail, journal.head, await stand.segments()]).toEqual([5, 5, ['0000000000000005.segment']])
})

it('cannot be wedged by a disk that had no room even for that', async () => {
  const stand = createSmallDisk()
  await stand.setFree(5 * MiB)
  const journal = await stand.open()
  await appendAll(journal, 1, 5)
  await stand.setFree(0)
  journal.stats()
  await settled()
  stand.disk.fail('open', 'ENOSPC')
  await expect(journal.release(5)).rejects.toThrow('ENOSPC')
  expect(await numbersIn(journal)).toEqual([1, 2, 3, 4, 5])

  stand.disk.heal()
  await journal.release(5)
  await stand.setFree(5 * MiB)
  journal.stats()
  await settled()
  expect(await journal.append(batch(6))).toBe(6)
})

it('tells what it has written, also of what is gone', async () => {
  const stand = createSmallDisk({ segmentBytes: 4_096 })
  await stand.setFree(9 * MiB)
  const journal = await stand.open()
  await appendAll(journal, 1, 200)
  const { writtenBytes } = journal.stats()
  await journal.release(150)
  expect([journal.stats().writtenBytes, journal.stats().bytes < writtenBytes]).toEqual([writtenBytes, true])
})
