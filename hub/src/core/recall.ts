// Learns again what the journal holds and the ledger does not cover: the newest part at once, the rest while the hub works.

import type { Devices } from './devices.ts'
import type { Ledger } from './ledger.ts'
import type { Live } from './live/live.ts'
import type { Clock, Entry, Journal, Log, Position } from './ports.ts'

/** Others have their turn after so many messages: a millisecond or two. */
const messagesInATurn = 250

export type Recall = ReturnType<typeof createRecall>

/**
 * Usually the ledger covers all but the last seconds, and there is no rest. After its loss a long journal is read again: who
 * must know whether a message was kept waits for `rest`; everything else goes on.
 */
export function createRecall({
  journal,
  ledger,
  devices,
  live,
  clock,
  log,
}: {
  journal: Pick<Journal, 'head' | 'tail' | 'read'>
  ledger: Ledger
  devices: Pick<Devices, 'restore'>
  live: Pick<Live, 'startAt' | 'restore'>
  clock: Clock
  log: Log
}) {
  let rest: Promise<void> | undefined
  let stopped = false

  function remember({ batch }: Entry) {
    if (batch.stream !== undefined && batch.seq !== undefined) ledger.streams.add(batch.device, batch.stream, batch.seq)
    devices.restore(batch)
  }

  async function learn(from: Position, to: Position) {
    const startedAt = clock.monotonic()
    log.info('journal longer than the ledger knows, reading it while the hub works', { from, to })
    let messages = 0
    for await (const entry of journal.read(from)) {
      if (stopped || entry.end > to) break
      remember(entry)
      ledger.learnedUpTo(entry.end)
      if (++messages % messagesInATurn === 0) await new Promise<void>((resolve) => clock.after(0, resolve))
    }
    if (stopped) return
    log.info('journal read', { messages, forMs: Math.round(clock.monotonic() - startedAt) })
  }

  return {
    /** Before anything is accepted. `recentReadings`: how much of the live stream memory holds. */
    async start(recentReadings: number) {
      const from = await ledger.load()
      const recentFrom = Math.max(journal.tail, journal.head - recentReadings)
      live.startAt(recentFrom)
      for await (const entry of journal.read(recentFrom)) {
        live.restore(entry)
        if (entry.end > from) remember(entry)
      }
      ledger.accepted(journal.head)
      if (from >= recentFrom) return
      ledger.learnedUpTo(from)
      rest = learn(from, recentFrom)
        // What could not be read was reported; a message of it that comes again is stored again.
        .catch((error) => log.error('journal not read to its end', { error }))
        .finally(() => {
          if (!stopped) ledger.learnedAll()
          rest = undefined
        })
    },

    /** Until it resolves, a message may have been kept although nobody knows it. Undefined when all is known. */
    get rest() {
      return rest
    },

    async close() {
      stopped = true
      await rest
    },
  }
}
