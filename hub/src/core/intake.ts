// The way in: check, journal, then show. What a console has seen is never lost.

import type { Rejection, Transport } from '../protocol/index.ts'
import { conflictsOf } from './conflicts.ts'
import type { Devices } from './devices.ts'
import { HubError } from './errors.ts'
import type { Ledger } from './ledger.ts'
import type { Live } from './live/live.ts'
import type { Clock, Entry, Journal } from './ports.ts'
import { check } from './readings.ts'
import type { Recall } from './recall.ts'

/** Where a message comes from. `stream` and `seq` name it, so that it counts once however often it is sent. */
export interface Source {
  readonly device: string
  readonly via: Transport
  readonly stream?: string | undefined
  readonly seq?: number | undefined
  /** Hub time when this message came first, where it may come again: the time of its readings that have none. */
  readonly firstAt?: number | undefined
}

export interface Receipt {
  /** Readings (values) that are on disk now. */
  readonly accepted: number
  readonly rejected: Rejection[]
  /** The message was kept before: nothing was stored again. */
  readonly duplicate?: true
}

export type Intake = ReturnType<typeof createIntake>

export function createIntake({
  journal,
  ledger,
  recall,
  devices,
  live,
  clock,
  retentionMs,
  onAccepted,
}: {
  journal: Journal
  ledger: Ledger
  recall: Pick<Recall, 'rest'>
  devices: Devices
  live: Live
  clock: Clock
  /** Readings older than this are refused. */
  retentionMs: number
  /** Hears of every entry after it is on disk, in order. */
  onAccepted: (entry: Entry) => void
}) {
  const { streams } = ledger
  /** Messages on their way to disk, so that a repeat waits for the same sync instead of being acknowledged early. */
  const underway = new Map<string, Promise<Receipt>>()
  /** Messages not answered yet, and who waits for the last of them. */
  let unanswered = 0
  let closing: (() => void) | undefined

  async function keep(source: Source, readings: readonly unknown[]): Promise<Receipt> {
    const receivedAt = clock.now()
    const state = devices.open(source.device)
    const { batch, rejected } = check(readings, {
      device: source.device,
      types: state.types,
      receivedAt,
      firstAt: source.firstAt,
      oldestAt: receivedAt - retentionMs,
      stream: source.stream,
      seq: source.seq,
    })
    for (const { code } of rejected) ledger.rejected(code)
    if (batch.count === 0) return { accepted: 0, rejected }

    const end = await journal.append(batch)
    const { device, stream, seq } = source
    if (stream !== undefined && seq !== undefined && streams.add(device, stream, seq)) ledger.jump()
    ledger.conflicts(conflictsOf(batch, state.latest))
    devices.seen(batch, source.via)
    ledger.accepted(end)
    live.announce({ batch, end })
    onAccepted({ batch, end })
    return { accepted: batch.count, rejected }
  }

  /** What waits is answered, also while the hub stops; what comes later is not taken. */
  async function answered(receipt: () => Promise<Receipt>): Promise<Receipt> {
    unanswered++
    try {
      if (closing) throw stopping()
      return await receipt()
    } catch (error) {
      if (error instanceof HubError) ledger.rejected(error.code)
      throw error
    } finally {
      if (--unanswered === 0) closing?.()
    }
  }

  /** Right after a start it may not be known yet which messages were kept. */
  async function keepOnce(source: Source & { stream: string; seq: number }, readings: readonly unknown[]) {
    if (recall.rest) {
      await recall.rest
      if (closing) throw stopping()
      if (streams.has(source.device, source.stream, source.seq)) return duplicate()
    }
    return keep(source, readings)
  }

  function duplicate(): Receipt {
    ledger.duplicate()
    return { accepted: 0, rejected: [], duplicate: true }
  }

  return {
    /**
     * Resolves once the journal has the readings. A message that was kept before is a `duplicate`.
     * Throws HubError `empty-batch`, `too-many-readings`, `overloaded`, `journal-full`, `hub-error`: then nothing was kept.
     */
    async accept(source: Source, readings: readonly unknown[]): Promise<Receipt> {
      const { device, stream, seq } = source
      if (stream === undefined || seq === undefined) return answered(() => keep(source, readings))
      if (streams.has(device, stream, seq)) return duplicate()
      const name = `${device} ${stream} ${seq}`
      const running = underway.get(name)
      if (running) {
        ledger.duplicate()
        return running
      }
      const kept = answered(() => keepOnce({ ...source, stream, seq }, readings)).finally(() => underway.delete(name))
      underway.set(name, kept)
      return kept
    },

    /** Takes nothing more; resolves when all that came before is answered. */
    async close() {
      await new Promise<void>((resolve) => {
        closing = resolve
        if (unanswered === 0) resolve()
      })
      // Whoever waited for an answer gets it in the same turn of the event loop, and passes it on before this goes on.
      await new Promise<void>((resolve) => clock.after(0, resolve))
    },
  }
}

function stopping(): HubError {
  return new HubError('hub-error', 'The hub is stopping.', { retryAfterMs: 1_000 })
}
