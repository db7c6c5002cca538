// Journal → series store: batches in order, for as long as it takes; nothing is dropped, a poison reading is put aside.

import { HubError } from '../errors.ts'
import type { Ledger } from '../ledger.ts'
import type { Clock, DeadLetters, Entry, Journal, Log, Mark, Position, SeriesStore } from '../ports.ts'
import { createBisection } from './bisect.ts'
import { createFeed } from './feed.ts'
import { createOutage } from './outage.ts'
import { createRetry } from './retry.ts'

export type Recorder = ReturnType<typeof createRecorder>

/** A write waits this long for more: each commit of a store has a price of its own. */
const gatherMs = 500
const readAgainMs = 5_000
/** A journal that is full takes nothing that could wake us: so its room is looked after also when nothing comes. */
const releaseAgainMs = 5_000
/** How long a stop waits for a write that is under way, and writes what is left. */
const closeWithinMs = 2_000

export function createRecorder({
  journal,
  store,
  deadLetters,
  ledger,
  clock,
  log,
  random = Math.random,
}: {
  journal: Journal
  store: SeriesStore
  deadLetters: DeadLetters
  ledger: Pick<Ledger, 'covered' | 'lost' | 'lostBefore' | 'save'>
  clock: Clock
  log: Log
  random?: () => number
}) {
  /** Everything before it is in the store, put aside, or lost. */
  let position: Position = journal.tail
  /** The oldest entry of the write that is under way. */
  let oldest: Entry | undefined
  let releaseFailed = false
  let closing = false
  let wake = () => {}
  let running: Promise<void> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  const pending = () => journal.head - position
  const feed = createFeed({ journal, lost: ledger.lost, log })
  const outage = createOutage({ backend: store.backend, pending, clock, log, random })
  const bisection = createBisection({ store, deadLetters, epoch: journal.epoch, log })

  async function run() {
    await begin()
    while (!closing) {
      if (feed.holds(position) && !feed.full) await pause({ ms: gatherMs, until: () => feed.full })
      if (pending() === 0) await pause({ ms: releaseAgainMs, until: () => pending() > 0 })
      else await record()
      await release()
    }
  }

  /** Where the store stands. An empty store takes the journal from its tail. */
  async function begin() {
    await untilDone(() => inTurn(async () => goOnAt(await store.mark())))
  }

  function goOnAt(mark: Mark | undefined) {
    if (!mark) return
    // A mark past the head is of a journal that has lost its end, or of one that was put back from a copy.
    if (mark.epoch === journal.epoch && mark.position <= journal.head) position = Math.max(mark.position, journal.tail)
    else log.warn('the store was written from another journal', { was: mark, is: journal.epoch })
  }

  /** One write, or a rest when the journal cannot be read. */
  async function record() {
    const next = await feed.next(position).catch((error) => {
      log.error('journal not read, trying again', { position, error })
    })
    if (!next) return pause({ ms: readAgainMs, until: () => false })
    if (next.entries.length > 0) await untilDone(() => write(next.entries))
    else position = Math.max(position, next.end)
  }

  async function write(entries: readonly Entry[]) {
    oldest = entries[0]
    await inTurn(() =>
      bisection(entries, (end) => {
        position = Math.max(position, end)
      }),
    )
    oldest = undefined
  }

  /** What the ledger knows must outlive the journal's part of it. A ledger that cannot be saved does not block a full disk. */
  async function release() {
    const upTo = Math.min(position, ledger.covered)
    if (upTo < journal.releasableAt) return
    await ledger.save()
    try {
      await journal.release(upTo)
      releaseFailed = false
    } catch (error) {
      if (!releaseFailed) log.warn('journal not released, trying again', { error })
      releaseFailed = true
    }
  }

  /** The store has one writer: retried dead letters wait for the write that is under way. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = turn.then(act)
    turn = mine.catch(() => {}) // its caller hears of it
    return mine
  }

  /** Tries until it works or the hub closes. */
  async function untilDone<T>(attempt: () => Promise<T>): Promise<T | undefined> {
    while (true) {
      try {
        const result = await attempt()
        outage.over()
        return result
      } catch (error) {
        await pause({ ms: outage.failed(error), until: () => false })
        if (closing) return undefined
      }
    }
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

  function waitingMs(): number {
    const since = (oldest ?? feed.oldest)?.batch.receivedAt
    return pending() > 0 && since !== undefined ? Math.max(0, clock.now() - since) : 0
  }

  async function drain(stopAt: number) {
    if (!running) return
    await running
    while (!outage.fault && pending() > 0 && clock.monotonic() < stopAt) {
      const { entries, end } = await feed.next(position)
      if (entries.length > 0) await write(entries)
      else position = Math.max(position, end)
    }
  }

  const retryLetters = createRetry({
    deadLetters,
    write: (batches) => inTurn(() => store.write(batches, { epoch: journal.epoch, position })),
  })

  return {
    /** Once the ledger knows what the journal holds: from here on parts of the journal may go. */
    start() {
      running = run()
    },

    /** An entry is in the journal. */
    take(entry: Entry) {
      feed.add(entry)
      wake()
    },

    /** See retry.ts. */
    async retry(ids?: readonly string[]): Promise<{ stored: number; refused: number }> {
      if (outage.fault) throw new HubError('store-unavailable', outage.fault.message, { cause: outage.fault })
      return retryLetters(ids)
    },

    /** `head = stored + pending + deadLetter + expired`, at every moment. */
    status() {
      const deadLetter = deadLetters.before(position)
      const expired = ledger.lostBefore(position)
      return {
        position,
        stored: position - deadLetter - expired,
        pending: pending(),
        deadLetter,
        /** Lost to a damaged journal. */
        expired,
        /** How long the oldest reading has been waiting; 0 when none is. */
        lagMs: waitingMs(),
        trouble: outage.fault,
      }
    },

    /** Writes what is waiting if the store takes it at once; the rest stays in the journal. */
    async close() {
      closing = true
      wake()
      let cancel = () => {}
      const late = new Promise<void>((resolve) => {
        cancel = clock.after(closeWithinMs, resolve)
      })
      const drained = drain(clock.monotonic() + closeWithinMs).catch((error) =>
        log.warn('store not reached at the end; readings wait in the journal', { error }),
      )
      await Promise.race([drained, late])
      cancel()
    },
  }
}
