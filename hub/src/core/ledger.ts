// Counts and windows that the journal's positions alone do not tell, kept across restarts.

import type { Clock, Journal, LedgerFile, LedgerState, Log, Position, Span } from './ports.ts'
import { createStreams } from './streams.ts'

/** Saved when it is older than this, or this many messages behind: so much of the journal is read at the next start. */
const saveEveryMs = 10_000
const saveEveryMessages = 100_000
const lookEveryMs = 1_000

export type Ledger = ReturnType<typeof createLedger>

/**
 * The account of every reading is exact after any end of the process: what it needs is saved before it is needed. Counts
 * of what was not accepted (rejected, duplicates, jumps, conflicts) may miss the last ten seconds before a kill -9.
 */
export function createLedger({
  file,
  journal,
  saveDevices,
  clock,
  log,
}: {
  file: LedgerFile
  journal: Pick<Journal, 'epoch' | 'head' | 'tail'>
  /** Resolves with whether the records of the devices have all that was accepted before the call. */
  saveDevices: () => Promise<boolean>
  clock: Clock
  log: Log
}) {
  const streams = createStreams()
  const rejected: Record<string, number> = {}
  const counts = { duplicates: 0, jumps: 0, conflicts: 0 }
  let lost: readonly Span[] = []
  let newest: Position = journal.tail
  /** While a part of the journal before `newest` is still to be learned: how far that has come. */
  let learned: Position | undefined
  let saved: Position = journal.tail
  let savedAt = clock.monotonic()
  let messagesBehind = 0
  let unsaved = false
  let loaded = false
  let trouble = false
  let saving: Promise<boolean> = Promise.resolve(true)

  const covered = () => learned ?? newest

  async function write(): Promise<boolean> {
    unsaved = false
    savedAt = clock.monotonic()
    messagesBehind = 0
    const state = { epoch: journal.epoch, lost, ...counts, rejected: { ...rejected }, streams: streams.all() }
    const upTo = covered()
    try {
      const position = (await saveDevices()) ? upTo : saved
      await file.save({ ...state, position })
      saved = position
      trouble = false
      return true
    } catch (error) {
      unsaved = true
      if (!trouble) log.warn('ledger not saved, trying again', { error })
      trouble = true
      return false
    }
  }

  function save(): Promise<boolean> {
    saving = saving.then(write)
    return saving
  }

  const stop = clock.every(lookEveryMs, () => {
    if (unsaved && (messagesBehind >= saveEveryMessages || clock.monotonic() - savedAt >= saveEveryMs)) void save()
  })

  function restore(state: LedgerState): Position {
    for (const [code, count] of Object.entries(state.rejected)) rejected[code] = count
    const { duplicates, jumps, conflicts } = state
    Object.assign(counts, { duplicates, jumps, conflicts })
    lost = state.lost
    // Of a journal that lost its end, a number in here may be of a message that is not kept any more.
    if (state.epoch !== journal.epoch || state.position > journal.head) return journal.tail
    streams.restore(state.streams)
    return Math.max(state.position, journal.tail)
  }

  return {
    /** At start. Everything in the journal from the position it resolves with on is to be learned again. */
    async load(): Promise<Position> {
      const state = await file.load()
      if (state) newest = restore(state)
      saved = newest
      loaded = true
      return newest
    },

    streams,

    /** Everything before it is in the ledger and in the records of the devices, or will be with the next save. */
    get covered() {
      return covered()
    },

    /** Everything before `end` is in the journal, and, but for what is still to be learned, in `streams`. */
    accepted(end: Position) {
      newest = Math.max(newest, end)
      messagesBehind++
      unsaved = true
    },
    /** There is more to be learned behind it. */
    learnedUpTo(end: Position) {
      learned = end
      unsaved = true
    },
    learnedAll() {
      learned = undefined
      unsaved = true
    },
    rejected(code: string) {
      rejected[code] = (rejected[code] ?? 0) + 1
      unsaved = true
    },
    duplicate() {
      counts.duplicates++
      unsaved = true
    },
    jump() {
      counts.jumps++
      unsaved = true
    },
    conflicts(count: number) {
      counts.conflicts += count
    },

    /** Readings that are gone. Resolves with whether it is on disk; the same again changes nothing. */
    async lost(from: Position, to: Position): Promise<boolean> {
      lost = merge(lost, [from, to])
      return save()
    },
    lostBefore: (position: Position): number =>
      lost.reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, position) - from), 0),

    counts: () => ({ rejected: { ...rejected }, ...counts }),

    /** Resolves with whether it is on disk, which it must be before the journal lets go of what it stands for. */
    save,

    async close() {
      stop()
      // Over one that could not be read, as of another version, nothing is written.
      if (loaded) await save()
    },
  }
}

/** Spans without overlap, ascending. There is one for each damage of a disk, so they stay few. */
function merge(spans: readonly Span[], added: Span): Span[] {
  const merged: Span[] = []
  for (const [from, to] of [...spans, added].sort(([a], [b]) => a - b)) {
    const last = merged.at(-1)
    if (last && from <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], to)]
    else merged.push([from, to])
  }
  return merged
}
