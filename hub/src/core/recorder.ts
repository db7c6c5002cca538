// Journal → series store: batches in order, for as long as it takes; nothing is dropped, a poison reading is put aside.

import { backoff } from '../protocol/index.ts'
import { StoreError } from './errors.ts'
import type { Batch, Clock, Entry, Journal, Log, Mark, Position, SeriesStore } from './ports.ts'

/** Readings that the store will never take, with its own words. They count as dealt with once this resolves. */
export interface DeadLetters {
  add(batch: Batch, reason: string): Promise<void>
  readonly count: number
}

export type Recorder = ReturnType<typeof createRecorder>

/** A write is at most this many readings, and waits this long for more: each commit of a store has a price of its own. */
const writeReadings = 20_000
const gatherMs = 500
/** Beyond this many, entries are left in the journal and read back when their turn comes. */
const waitingReadings = 200_000

export function createRecorder({
  journal,
  store,
  deadLetters,
  clock,
  log,
  random = Math.random,
}: {
  journal: Journal
  store: SeriesStore
  deadLetters: DeadLetters
  clock: Clock
  log: Log
  random?: () => number
}) {
  /** Everything before it is in the store, or put aside. */
  let position: Position = journal.tail
  /** The newest entries, without a hole between them; those between `position` and the first are only in the journal. */
  const waiting: Entry[] = []
  let waitingCount = 0
  let expired = 0
  let closing = false
  let trouble: StoreError | undefined
  let wake = () => {}

  const running = run()

  async function run() {
    await begin()
    while (!closing) {
      const entries = await next()
      if (entries.length === 0) {
        await pause({ until: () => position < journal.head })
        continue
      }
      await untilDone(() => write(entries))
      await journal.release(position).catch((error) => log.warn('journal not released', { error }))
    }
  }

  /** Where the store stands. An empty store takes the journal from its tail. */
  async function begin() {
    const mark = await untilDone(() => store.mark())
    if (!mark) return
    // A mark past the head is of a journal that has lost its end, or of one that was put back from a copy.
    if (mark.epoch === journal.epoch && mark.position <= journal.head) position = Math.max(mark.position, journal.tail)
    else log.warn('the store was written from another journal', { was: mark, is: journal.epoch })
  }

  /** One write's worth, from memory where it goes on at `position`, else from the journal. */
  async function next(): Promise<Entry[]> {
    if (inMemory() && waitingCount < writeReadings)
      await pause({ ms: gatherMs, until: () => waitingCount >= writeReadings })
    return inMemory() ? take() : readBack()
  }

  function inMemory(): boolean {
    const done = waiting.findIndex(({ end }) => end > position)
    remove(done < 0 ? waiting.length : done)
    const first = waiting[0]
    return first !== undefined && first.end - first.batch.count <= position
  }

  function take(): Entry[] {
    let count = 0
    let length = 0
    while (length < waiting.length && count < writeReadings) count += (waiting[length++] as Entry).batch.count
    return remove(length)
  }

  function remove(length: number): Entry[] {
    const removed = waiting.splice(0, length)
    for (const { batch } of removed) waitingCount -= batch.count
    return removed
  }

  async function readBack(): Promise<Entry[]> {
    if (position >= journal.head) return []
    const entries: Entry[] = []
    const { head } = journal
    let count = 0
    let end = position
    for await (const entry of journal.read(position)) {
      if (entry.end <= position) continue
      passOver(end, entry.end - entry.batch.count)
      end = entry.end
      entries.push(entry)
      count += entry.batch.count
      if (count >= writeReadings) break
    }
    if (entries.length === 0) {
      passOver(position, head)
      position = head
    }
    return entries
  }

  /** Readings that a damaged disk took from the journal before the store had them. */
  function passOver(from: Position, to: Position) {
    if (to <= from) return
    expired += to - from
    log.error('readings lost to a damaged journal', { from, to, readings: to - from })
  }

  /** Halves what the store refuses, down to the one bad reading. */
  async function write(entries: readonly Entry[]): Promise<void> {
    const last = entries.at(-1) as Entry
    try {
      await store.write(
        entries.map(({ batch }) => batch),
        mark(last.end),
      )
    } catch (error) {
      if (!(error instanceof StoreError) || error.fault !== 'refused') throw error
      if (entries.length > 1) {
        const middle = Math.ceil(entries.length / 2)
        await write(entries.slice(0, middle))
        await write(entries.slice(middle))
      } else await writeParts(last, error)
    }
    position = Math.max(position, last.end)
  }

  async function writeParts({ batch, end }: Entry, error: StoreError) {
    if (batch.count === 1) {
      log.error('reading refused by the store, put aside', {
        device: batch.device,
        metrics: batch.metrics,
        reason: error.message,
      })
      return deadLetters.add(batch, error.message)
    }
    // The mark stays before the entry until its last part is dealt with; writing a part again changes nothing.
    for (const part of halves(batch)) {
      await store.write([part], mark(end - batch.count)).catch(async (partError) => {
        if (!(partError instanceof StoreError) || partError.fault !== 'refused') throw partError
        await writeParts({ batch: part, end: end - batch.count + part.count }, partError)
      })
    }
  }

  /** Tries until it works or the hub closes. One outage is one line in the log at its start and one at its end. */
  async function untilDone<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    const waits = backoff({ firstMs: 250, maxMs: 30_000, random })
    const since = clock.monotonic()
    while (true) {
      try {
        const result = await attempt()
        if (trouble)
          log.info('store takes readings again', {
            backend: store.backend,
            afterMs: Math.round(clock.monotonic() - since),
          })
        trouble = undefined
        return result
      } catch (error) {
        const fault =
          error instanceof StoreError ? error : new StoreError('unavailable', String(error), { cause: error })
        if (!trouble) report(fault)
        trouble = fault
        await pause({ ms: Math.max(waits.next().value, fault.retryAfterMs ?? 0), until: () => false })
        if (closing) return undefined
      }
    }
  }

  function report(fault: StoreError) {
    const fields = { backend: store.backend, reason: fault.message, setting: fault.setting }
    if (fault.fault === 'misconfigured') log.error('store refuses the hub; readings wait in the journal', fields)
    else log.warn('store unreachable; readings wait in the journal', fields)
  }

  /** Ends after `ms`, once a new entry makes `until` true, or when the hub closes. */
  async function pause({ ms, until }: { ms?: number; until: () => boolean }) {
    if (closing || until()) return
    await new Promise<void>((resolve) => {
      const cancel = ms === undefined ? () => {} : clock.after(ms, resolve)
      wake = () => {
        if (!closing && !until()) return
        cancel()
        resolve()
      }
    })
    wake = () => {}
  }

  const mark = (at: Position): Mark => ({ epoch: journal.epoch, position: at })

  return {
    /** An entry is in the journal. */
    take(entry: Entry) {
      if (waitingCount > waitingReadings) remove(waiting.length)
      waiting.push(entry)
      waitingCount += entry.batch.count
      wake()
    },

    status() {
      const deadLetter = deadLetters.count
      return {
        position,
        stored: position - deadLetter - expired,
        pending: journal.head - position,
        deadLetter,
        /** Lost to a damaged journal since the hub started. */
        expired,
        /** How long the oldest reading in memory has been waiting; 0 when none is. */
        lagMs: position < journal.head && waiting[0] ? Math.max(0, clock.now() - waiting[0].batch.receivedAt) : 0,
        trouble,
      }
    },

    /** Writes what is waiting if the store takes it at once; the rest stays in the journal. */
    async close() {
      closing = true
      wake()
      await running
      if (trouble) return
      try {
        for (let entries = await readBack(); entries.length > 0; entries = await readBack()) await write(entries)
      } catch (error) {
        log.warn('store not reached at the end; readings wait in the journal', { error })
      }
    },
  }
}

/** Two batches that together hold the same readings: first by rows, then by metrics. */
function halves(batch: Batch): Batch[] {
  if (batch.at.length > 1) {
    const middle = Math.ceil(batch.at.length / 2)
    return [rows(batch, 0, middle), rows(batch, middle, batch.at.length)].filter(({ count }) => count > 0)
  }
  const middle = Math.ceil(batch.metrics.length / 2)
  return [metrics(batch, 0, middle), metrics(batch, middle, batch.metrics.length)].filter(({ count }) => count > 0)
}

function rows(batch: Batch, from: number, to: number): Batch {
  return recount({
    ...batch,
    at: batch.at.slice(from, to),
    columns: batch.columns.map((column) => column.slice(from, to)),
  })
}

function metrics(batch: Batch, from: number, to: number): Batch {
  return recount({ ...batch, metrics: batch.metrics.slice(from, to), columns: batch.columns.slice(from, to) })
}

function recount(batch: Batch): Batch {
  const count = batch.columns.reduce((sum, column) => sum + column.filter((value) => value !== null).length, 0)
  return { ...batch, count }
}
