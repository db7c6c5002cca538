// When the disk fails: nothing is acknowledged that is not kept, nothing refused comes back, and it recovers by itself.

import { expect, it } from 'vitest'
import { createFaultyDisk } from './testing/faulty-disk.ts'
import { appendAll, batch, createStand, entriesOf, numbersIn } from './testing/samples.ts'

it('acknowledges only after the sync that covers the readings', async () => {
  const stand = createStand()
  const disk = createFaultyDisk()
  const journal = await stand.open(disk)
  const before = disk.calls.length

  await journal.append(batch(1))

  const name = (await stand.segments())[0]
  expect(disk.calls.slice(before)).toEqual([`write ${name}`, `datasync ${name}`])
})

it('lets many appends share one sync', async () => {
  const stand = createStand()
  const disk = createFaultyDisk()
  const journal = await stand.open(disk)
  const before = disk.calls.length

  await Promise.all(Array.from({ length: 50 }, (_, n) => journal.append(batch(n))))

  expect(disk.calls.slice(before).filter((call) => call.startsWith('datasync'))).toHaveLength(1)
})

it('goes on writing when the disk takes a few bytes at a time', async () => {
  const stand = createStand()
  const disk = createFaultyDisk()
  disk.limitWrites(7)

  const journal = await stand.open(disk)
  await appendAll(journal, 1, 3)

  expect(await numbersIn(await stand.open())).toEqual([1, 2, 3])
})

it('refuses while the disk is full, keeps nothing of it, and takes readings again by itself', async () => {
  const stand = createStand()
  const disk = createFaultyDisk()
  const journal = await stand.open(disk)
  await appendAll(journal, 1, 2)

  disk.fail('write', 'ENOSPC')
  await expect(journal.append(batch(3))).rejects.toMatchObject({ code: 'journal-full', retryAfterMs: 5_000 })
  await expect(journal.append(batch(4))).rejects.toMatchObject({ code: 'journal-full' })
  expect(await numbersIn(await stand.open())).toEqual([1, 2])
  disk.heal()
  expect(await journal.append(batch(5))).toBe(3)

  expect(await numbersIn(await stand.open())).toEqual([1, 2, 5])
  expect(stand.log.count('error')).toBe(1)
})

it('never syncs a file again after a failed sync, and goes on in a new one (R11)', async () => {
  const stand = createStand()
  const disk = createFaultyDisk()
  const journal = await stand.open(disk)
  await appendAll(journal, 1, 2)

  disk.fail('datasync', 'EIO')
  await expect(journal.append(batch(3))).rejects.toMatchObject({ code: 'hub-error' })
  disk.heal()
  const before = disk.calls.length
  expect(await journal.append(batch(4))).toBe(3)

  const [first, second] = await stand.segments()
  expect(second).toBe('0000000000000002.segment')
  expect(disk.calls.slice(before)).not.toContain(`datasync ${first}`)
  expect(await numbersIn(journal)).toEqual([1, 2, 4])
  expect(await numbersIn(await stand.open())).toEqual([1, 2, 4])
})

it('gives positions one meaning when the readings of a failed sync cannot even be cut off', async () => {
  const stand = createStand()
  const disk = createFaultyDisk()
  const journal = await stand.open(disk)
  await appendAll(journal, 1, 2)

  disk.fail('datasync', 'EIO')
  disk.fail('truncate', 'EIO')
  await expect(journal.append(batch(3, 10))).rejects.toMatchObject({ code: 'hub-error' })
  disk.heal()
  await appendAll(journal, 4, 5)

  const reopened = await stand.open()
  expect((await entriesOf(reopened)).map(({ batch, end }) => [batch.seq, end])).toEqual([
    [1, 1],
    [2, 2],
    [4, 3],
    [5, 4],
  ])
  expect(stand.log.lines.filter(({ event }) => event.startsWith('journal damaged'))).toEqual([])
})

it('replaces a segment whose first sync failed by a new file of the same name', async () => {
  const stand = createStand()
  const disk = createFaultyDisk()
  const journal = await stand.open(disk)

  disk.fail('datasync', 'EIO')
  await expect(journal.append(batch(1))).rejects.toMatchObject({ code: 'hub-error' })
  await expect(journal.append(batch(2))).rejects.toMatchObject({ code: 'hub-error' })
  disk.heal()
  await journal.append(batch(3))

  expect(await stand.segments()).toEqual(['0000000000000000.segment'])
  const reopened = await stand.open()
  expect([reopened.epoch, await numbersIn(reopened)]).toEqual([journal.epoch, [3]])
})

it('seals the segment when a failed write cannot be cut back', async () => {
  const stand = createStand()
  const disk = createFaultyDisk()
  const journal = await stand.open(disk)
  await appendAll(journal, 1, 2)

  disk.fail('write', 'EIO')
  disk.fail('truncate', 'EIO')
  await expect(journal.append(batch(3))).rejects.toMatchObject({ code: 'hub-error' })
  disk.heal()
  await journal.append(batch(4))

  expect(await numbersIn(await stand.open())).toEqual([1, 2, 4])
  expect(await stand.segments()).toHaveLength(2)
})

it.each(['open', 'syncDir'] as const)(
  'refuses while no new segment can be made (%s), then makes one',
  async (operation) => {
    const stand = createStand({ segmentBytes: 200 })
    const disk = createFaultyDisk()
    const journal = await stand.open(disk)
    await appendAll(journal, 1, 2)

    disk.fail(operation, 'ENOSPC')
    await expect(journal.append(batch(3))).rejects.toMatchObject({ code: 'journal-full' })
    disk.heal()
    await appendAll(journal, 4, 6)

    expect(await numbersIn(await stand.open())).toEqual([1, 2, 4, 5, 6])
  },
)

it('refuses with overloaded when too much waits for a slow disk, and keeps what it took before', async () => {
  const stand = createStand({ maxWaitingBytes: 1_000 })
  const disk = createFaultyDisk()
  const journal = await stand.open(disk)
  const release = disk.hold()

  const answers = Promise.allSettled(Array.from({ length: 50 }, (_, n) => journal.append(batch(n))))
  release()

  const states = (await answers).map((answer) => (answer.status === 'rejected' ? answer.reason.code : 'kept'))
  expect(new Set(states)).toEqual(new Set(['kept', 'overloaded']))
  expect(await numbersIn(journal)).toHaveLength(states.filter((state) => state === 'kept').length)
})

it('takes a batch that is larger than what may wait, when nothing else does', async () => {
  const stand = createStand({ maxWaitingBytes: 10 })
  const journal = await stand.open()

  expect(await journal.append(batch(1, 1_000))).toBe(1_000)
})

it('refuses a batch too large for a record, and a batch of nothing', async () => {
  const journal = await createStand().open()
  const text = 'x'.repeat(17 * 1024 * 1024)

  await expect(journal.append({ ...batch(1), columns: [[text]] })).rejects.toMatchObject({ code: 'too-large' })
  await expect(journal.append({ ...batch(1), count: 0 })).rejects.toMatchObject({ code: 'empty-batch' })
  expect(await journal.append(batch(2))).toBe(1)
})
