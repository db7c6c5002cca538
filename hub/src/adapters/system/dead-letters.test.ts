import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { silentLog } from '../../../test/memory-parts.ts'
import type { DeadLetter } from '../../core/ports.ts'
import { openDeadLetters } from './dead-letters.ts'

async function createPlace() {
  const dir = await mkdtemp(join(tmpdir(), 'telehub-letters-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  const file = join(dir, 'dead-letters.ndjson')
  const open = (max?: number) => openDeadLetters({ file, log: silentLog, ...(max && { max }) })
  return { file, open }
}

const letter = (position: number): DeadLetter => ({
  id: `epoch:${position}`,
  position,
  device: 'pump-1',
  metric: 'temperature',
  at: position * 10,
  value: 'ä"\n',
  receivedAt: 1,
  reason: 'no',
})

it('gives back after a restart what was put in, in the order of the journal', async () => {
  const { open } = await createPlace()
  const letters = await open()
  await Promise.all([letters.add(letter(9)), letters.add(letter(2)), letters.add(letter(5))])
  await letters.close()

  const again = await open()
  onTestFinished(() => again.close())
  expect([again.list({ limit: 2 }), again.list({ limit: 2, after: 5 })]).toEqual([[letter(2), letter(5)], [letter(9)]])
  expect([again.count, again.before(5), again.find('epoch:9'), again.find('epoch:3')]).toEqual([
    3,
    1,
    letter(9),
    undefined,
  ])
})

it('counts a reading once that is put aside again after a crash, also under another epoch', async () => {
  const { open } = await createPlace()
  const letters = await open()
  onTestFinished(() => letters.close())
  await letters.add(letter(1))
  await letters.add({ ...letter(1), id: 'other:1' })
  expect(letters.count).toBe(1)
})

it('forgets what was stored, for good, and takes more afterwards', async () => {
  const { file, open } = await createPlace()
  const letters = await open()
  for (const n of [1, 2, 3]) await letters.add(letter(n))
  await letters.remove(new Set(['epoch:1', 'epoch:3', 'epoch:7']))
  await letters.add(letter(4))
  await letters.close()
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  expect(lines.map((line) => JSON.parse(line).position)).toEqual([2, 4])
})

it('leaves out a line that was cut off, and appends to a clean file', async () => {
  const { file, open } = await createPlace()
  await writeFile(file, `${JSON.stringify(letter(1))}\n`)
  await appendFile(file, '{"id":"epoch:2","posi')
  const letters = await open()
  await letters.add(letter(3))
  await letters.close()
  const again = await open()
  onTestFinished(() => again.close())
  expect(again.list({ limit: 9 }).map(({ position }) => position)).toEqual([1, 3])
})

it('takes no more than its bound, and says what to do', async () => {
  const { open } = await createPlace()
  const letters = await open(2)
  onTestFinished(() => letters.close())
  await letters.add(letter(1))
  await letters.add(letter(2))
  await expect(letters.add(letter(3))).rejects.toMatchObject({
    fault: 'misconfigured',
    message: expect.stringContaining('telehub dead-letters list'),
  })
})
