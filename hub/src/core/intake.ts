// The way in: check, journal, then show. What a console has seen is never lost.

import type { Rejection, Transport } from '../protocol/index.ts'
import type { Devices } from './devices.ts'
import { HubError } from './errors.ts'
import type { Live } from './live/live.ts'
import type { Clock, Entry, Journal } from './ports.ts'
import { check } from './readings.ts'
import { createStreams } from './streams.ts'

/** Where a message comes from. `stream` and `seq` name it, so that it counts once however often it is sent. */
export interface Source {
  readonly device: string
  readonly via: Transport
  readonly stream?: string | undefined
  readonly seq?: number | undefined
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
  devices,
  live,
  clock,
  retentionMs,
  onAccepted,
}: {
  journal: Journal
  devices: Devices
  live: Live
  clock: Clock
  /** Readings older than this are refused. */
  retentionMs: number
  /** Hears of every entry after it is on disk, in order. */
  onAccepted: (entry: Entry) => void
}) {
  const streams = createStreams()
  /** Messages on their way to disk, so that a repeat waits for the same sync instead of being acknowledged early. */
  const underway = new Map<string, Promise<Receipt>>()
  const rejectedByCode: Record<string, number> = {}
  let duplicates = 0

  async function keep(source: Source, readings: readonly unknown[]): Promise<Receipt> {
    const receivedAt = clock.now()
    const state = devices.open(source.device)
    const { batch, rejected } = check(readings, {
      device: source.device,
      types: state.types,
      receivedAt,
      oldestAt: receivedAt - retentionMs,
      stream: source.stream,
      seq: source.seq,
    })
    for (const { code } of rejected) rejectedByCode[code] = (rejectedByCode[code] ?? 0) + 1
    if (batch.count === 0) return { accepted: 0, rejected }

    const end = await journal.append(batch)
    if (source.stream !== undefined && source.seq !== undefined) streams.add(source.device, source.stream, source.seq)
    devices.seen(batch, source.via)
    live.announce({ batch, end })
    onAccepted({ batch, end })
    return { accepted: batch.count, rejected }
  }

  function refuse(error: unknown): never {
    if (error instanceof HubError) rejectedByCode[error.code] = (rejectedByCode[error.code] ?? 0) + 1
    throw error
  }

  return {
    /**
     * Resolves once the journal has the readings. A message that was kept before is a `duplicate`.
     * Throws HubError `empty-batch`, `too-many-readings`, `overloaded`, `journal-full`, `hub-error`: then nothing was kept.
     */
    async accept(source: Source, readings: readonly unknown[]): Promise<Receipt> {
      const { device, stream, seq } = source
      if (stream === undefined || seq === undefined) return keep(source, readings).catch(refuse)
      if (streams.has(device, stream, seq)) {
        duplicates++
        return { accepted: 0, rejected: [], duplicate: true }
      }
      const name = `${device} ${stream} ${seq}`
      const running = underway.get(name)
      if (running) {
        duplicates++
        return running
      }
      const kept = keep(source, readings)
        .catch(refuse)
        .finally(() => underway.delete(name))
      underway.set(name, kept)
      return kept
    },

    /** At start: learns again what the journal still holds. */
    restore({ batch, end }: Entry) {
      if (batch.stream !== undefined && batch.seq !== undefined) streams.add(batch.device, batch.stream, batch.seq)
      devices.restore(batch)
      live.restore({ batch, end })
    },

    counters: () => ({ rejected: { ...rejectedByCode }, duplicates }),
  }
}
