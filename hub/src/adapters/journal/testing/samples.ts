// What tests of the journal start from: a folder of their own, batches to tell apart, a log that remembers.

import { mkdtempSync, rmSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Batch, Clock, Entry, Journal, Log } from '../../../core/ports.ts'
import { openJournal } from '../journal.ts'
import type { FaultyDisk } from './faulty-disk.ts'
import { createFaultyDisk } from './faulty-disk.ts'

/** Number `n`, with `rows` readings of one metric. */
export function batch(n: number, rows = 1): Batch {
  const at = Array.from({ length: rows }, (_, i) => 1_700_000_000_000 + n * 1000 + i)
  return {
    device: `pump-${n}`,
    receivedAt: 1_700_000_000_000 + n,
    stream: 'stream',
    seq: n,
    at,
    metrics: ['temperature'],
    columns: [at.map((_, i) => n + i / 10)],
    count: rows,
  }
}

export const testClock: Clock = {
  now: () => 1_700_000_000_000,
  monotonic: () => performance.now(),
  after: () => () => {},
  every: () => () => {},
}

export interface MemoryLog extends Log {
  readonly lines: readonly { level: string; event: string; fields: Record<string, unknown> | undefined }[]
  count(level: 'warn' | 'error'): number
}

export function createMemoryLog(): MemoryLog {
  const lines: { level: string; event: string; fields: Record<string, unknown> | undefined }[] = []
  const at = (level: string) => (event: string, fields?: Record<string, unknown>) => {
    lines.push({ level, event, fields })
  }
  return {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    count: (level) => lines.filter((line) => line.level === level).length,
  }
}

export function temporaryDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'telehub-journal-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

/** A journal on a disk that can be made to fail, and the same folder opened again after a crash. */
export function createStand(
  options: { segmentBytes?: number; maxBytes?: number; maxWaitingBytes?: number; clock?: Clock } = {},
) {
  const dir = temporaryDir()
  const log = createMemoryLog()
  const opened: Journal[] = []
  onTestFinished(async () => {
    for (const journal of opened) await journal.close()
  })
  return {
    dir,
    log,
    /** The journal before is left as it is, like after kill -9: nothing tells it to finish. */
    async open(disk: FaultyDisk = createFaultyDisk()) {
      const journal = await openJournal({ dir, maxBytes: 1 << 30, clock: testClock, ...options, log, disk })
      opened.push(journal)
      return journal
    },
    async segments() {
      return (await readdir(dir)).filter((name) => name.endsWith('.segment')).sort()
    },
    async quarantined() {
      return readdir(join(dir, 'quarantine')).catch(() => [])
    },
    /** Changes the bytes of one segment. */
    async change(name: string | undefined, change: (bytes: Buffer) => Buffer) {
      const path = join(dir, String(name))
      await writeFile(path, change(await readFile(path)))
    },
  }
}

export async function entriesOf(journal: Journal, from = 0): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of journal.read(from)) entries.push(entry)
  return entries
}

/** The numbers of the batches in the journal. */
export async function numbersIn(journal: Journal, from = 0): Promise<(number | undefined)[]> {
  return (await entriesOf(journal, from)).map((entry) => entry.batch.seq)
}

export async function appendAll(journal: Journal, from: number, to: number, rows = 1): Promise<void> {
  // One after the other, so that each is a write of its own.
  for (let n = from; n <= to; n++) await journal.append(batch(n, rows))
}
