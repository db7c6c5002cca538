// The journal of segment files keeps the contract, and keeps what it acknowledged when its process is killed.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { openJournal } from '../../src/adapters/journal/journal.ts'
import type { Journal } from '../../src/core/ports.ts'
import type { JournalPlace } from './journal.ts'
import { journalContract } from './journal.ts'
import { quiet, realClock } from './surroundings.ts'

const open = ({ maxBytes = 1 << 30, ...place }: JournalPlace): Promise<Journal> =>
  openJournal({ ...place, maxBytes, clock: realClock, log: quiet })

journalContract('segment files', open)

const rounds = 12
const segmentBytes = 20_000

it(`loses nothing it acknowledged when it is killed at random, ${rounds} times in a row`, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'telehub-journal-'))
  const acknowledged = new Map<number, number>()
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [seq, end] of await appendUntilKilled(dir, round * 1_000_000)) acknowledged.set(seq, end)
      const journal = await open({ dir, segmentBytes })
      const found = new Map<number, number>()
      let previous = journal.tail
      const holes: number[] = []
      for await (const { batch, end } of journal.read(0)) {
        if (end - batch.count !== previous) holes.push(previous)
        found.set(Number(batch.seq), end)
        previous = end
      }
      expect([holes, previous]).toEqual([[], journal.head])
      await journal.close()
      expect([...acknowledged].filter(([seq, end]) => found.get(seq) !== end)).toEqual([])
    }
    expect(acknowledged.size).toBeGreaterThan(rounds * 10)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}, 90_000)

/** What a process that appends all the time had acknowledged before kill -9: seq → position after it. */
async function appendUntilKilled(dir: string, firstSeq: number): Promise<[number, number][]> {
  const script = fileURLToPath(new URL('./journal-appender.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions', 'source', script, dir, String(firstSeq), String(segmentBytes)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const acknowledged: [number, number][] = []
  const killAfter = 1 + Math.floor(Math.random() * 2_000)
  for await (const line of createInterface({ input: child.stdout })) {
    const [seq, end] = line.split(' ').map(Number)
    // A line cut short by the kill has no end mark.
    if (line.endsWith(' ok')) acknowledged.push([Number(seq), Number(end)])
    if (acknowledged.length === killAfter) child.kill('SIGKILL')
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  return acknowledged
}
