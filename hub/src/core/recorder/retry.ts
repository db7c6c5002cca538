// Dead letters once more: what the store takes by now leaves them, the rest stays.

import { HubError, StoreError } from '../errors.ts'
import type { Batch, DeadLetter, DeadLetters } from '../ports.ts'

const writeLetters = 500

/**
 * Retries those with `ids`, or all. HubError `not-found` for an id that is none, `store-unavailable` when the store cannot
 * be used; what was stored by then has left. A reading that was stored twice because of a crash in between counts once.
 */
export function createRetry({
  deadLetters,
  write,
}: {
  deadLetters: DeadLetters
  /** Stores the batches without moving the mark. Gives StoreError. */
  write: (batches: readonly Batch[]) => Promise<void>
}) {
  async function store(letters: readonly DeadLetter[]): Promise<number> {
    if (letters.length === 0) return 0
    try {
      await write(letters.map(batchOf))
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      if (error.fault !== 'refused') throw new HubError('store-unavailable', error.message, { cause: error })
      if (letters.length === 1) return 0
      const middle = Math.ceil(letters.length / 2)
      return (await store(letters.slice(0, middle))) + (await store(letters.slice(middle)))
    }
    await deadLetters.remove(new Set(letters.map(({ id }) => id)))
    return letters.length
  }

  return async (ids?: readonly string[]): Promise<{ stored: number; refused: number }> => {
    const letters = ids ? ids.map(found) : deadLetters.list({ limit: Number.POSITIVE_INFINITY })
    let stored = 0
    for (let from = 0; from < letters.length; from += writeLetters)
      stored += await store(letters.slice(from, from + writeLetters))
    return { stored, refused: letters.length - stored }
  }

  function found(id: string): DeadLetter {
    const letter = deadLetters.find(id)
    if (!letter) throw new HubError('not-found', `There is no dead letter "${id}".`)
    return letter
  }
}

function batchOf({ device, receivedAt, at, metric, value }: DeadLetter): Batch {
  return { device, receivedAt, at: [at], metrics: [metric], columns: [[value]], count: 1 }
}
