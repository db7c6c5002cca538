// Checks that a mark is never one that was not saved.

import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { openMarkFile } from './mark.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telehub-mark-'))
  file = join(folder, 'mark.json')
})
afterEach(async () => rm(folder, { recursive: true, force: true }))

const mark = { epoch: 'abc123', position: 2 ** 52 }

it('has no mark before the first', async () => {
  expect((await openMarkFile(file)).current()).toBeUndefined()
})

it('has the last mark, also when it is opened again', async () => {
  const opened = await openMarkFile(file)
  await opened.save({ epoch: 'abc123', position: 1 })
  await opened.save(mark)
  expect(opened.current()).toEqual(mark)
  expect((await openMarkFile(file)).current()).toEqual(mark)
})

it('takes no mark from a file with a flipped bit, and says so', async () => {
  await (await openMarkFile(file)).save(mark)
  const good = await readFile(file)
  const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() }
  for (let bit = 0; bit < good.length * 8; bit++) {
    const bad = Buffer.from(good)
    bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    await writeFile(file, bad)
    const found = (await openMarkFile(file, log)).current()
    // White space around the JSON may change; nothing else.
    if (found !== undefined) expect(found).toEqual(mark)
  }
  expect(log.error).toHaveBeenCalled()
})

it('keeps the old mark when the disk does not take the new one', async () => {
  const opened = await openMarkFile(file)
  await opened.save(mark)
  await rm(folder, { recursive: true })
  await expect(opened.save({ epoch: 'abc123', position: 2 ** 52 + 1 })).rejects.toMatchObject({ fault: 'unavailable' })
  expect(opened.current()).toEqual(mark)
})

it.skipIf(!existsSync('/dev/full'))(
  'goes on from memory on a full disk, and saves again once there is room',
  async () => {
    const opened = await openMarkFile(file)
    await opened.save({ epoch: 'abc123', position: 1 })
    await symlink('/dev/full', `${file}.new`)
    await opened.save({ epoch: 'abc123', position: 2 })
    const meanwhile = [opened.current()?.position, (await openMarkFile(file)).current()?.position]
    await rm(`${file}.new`)
    await opened.save(mark)
    expect([meanwhile, (await openMarkFile(file)).current()]).toEqual([[2, 1], mark])
  },
)
