// Writes entries, and when the store refuses them, halves them down to the one bad reading, which is put aside.

import { StoreError } from '../errors.ts'
import type { Batch, DeadLetter, DeadLetters, Entry, Log, Mark, Position, SeriesStore } from '../ports.ts'
import { partOf } from './parts.ts'

export function createBisection({
  store,
  deadLetters,
  epoch,
  log,
}: {
  store: Pick<SeriesStore, 'write'>
  deadLetters: Pick<DeadLetters, 'add'>
  epoch: string
  log: Log
}) {
  const mark = (position: Position): Mark => ({ epoch, position })

  /**
   * Resolves when every reading is in the store or put aside; `done` hears of each position up to which that is so.
   * Rejects with StoreError of any other fault; doing it again then changes nothing of what is done.
   */
  async function write(entries: readonly Entry[], done: (end: Position) => void): Promise<void> {
    const { batch, end } = entries.at(-1) as Entry
    const refusal = await tryWrite(
      entries.map((entry) => entry.batch),
      end,
    )
    if (refusal && entries.length > 1) {
      const middle = Math.ceil(entries.length / 2)
      await write(entries.slice(0, middle), done)
      return write(entries.slice(middle), done)
    }
    if (refusal) await writeParts({ batch, end }, 0, batch.count, refusal)
    done(end)
  }

  /** The readings `from` to `to` of an entry, which the store refused together. */
  async function writeParts(entry: Entry, from: number, to: number, refusal: StoreError): Promise<void> {
    if (to - from === 1) return putAside(entry, from, refusal.message)
    const middle = Math.ceil((from + to) / 2)
    for (const [start, end] of [
      [from, middle],
      [middle, to],
    ] as const) {
      // The mark stays before the entry until its last part is dealt with; writing a part again changes nothing.
      const partRefusal = await tryWrite([partOf(entry.batch, start, end)], entry.end - entry.batch.count)
      if (partRefusal) await writeParts(entry, start, end, partRefusal)
    }
  }

  async function tryWrite(batches: readonly Batch[], upTo: Position) {
    try {
      await store.write(batches, mark(upTo))
    } catch (error) {
      if (error instanceof StoreError && error.fault === 'refused') return error
      throw error
    }
  }

  async function putAside(entry: Entry, number: number, reason: string) {
    const letter = letterOf(entry, number, epoch, reason)
    const { id, device, metric } = letter
    await deadLetters.add(letter)
    log.error('reading refused by the store, put aside', { id, device, metric, reason })
  }

  return write
}

function letterOf({ batch, end }: Entry, number: number, epoch: string, reason: string): DeadLetter {
  const { device, receivedAt, at, metrics, columns } = partOf(batch, number, number + 1)
  const position = end - batch.count + number
  const id = `${epoch}:${position}`
  const value = columns[0]?.[0] as DeadLetter['value']
  return { id, position, device, metric: metrics[0] as string, at: at[0] as number, value, receivedAt, reason }
}
