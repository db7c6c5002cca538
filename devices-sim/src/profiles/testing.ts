// A machine under a test's own time: what a story about a model needs.

import type { Value } from '@telehub/hub/protocol'
import { createRandom } from '../signals/random.ts'
import type { Kind, Work } from './model.ts'

/** A device of this kind at midnight, a second into its life. */
export function bench(kind: Kind, seed = 1) {
  const machine = kind.create(createRandom(seed))
  let at = Date.parse('2026-01-01T00:00:00Z')

  function pass(ms: number): Record<string, Value> {
    at += ms
    machine.advance(ms, at)
    return machine.read()
  }

  pass(1_000)
  return {
    pass,
    read: machine.read,
    take: machine.take,
    /** Takes a command that must not be refused. */
    order(name: string, params = {}): Work {
      const taken = machine.take(name, params)
      if ('refused' in taken) throw new Error(`refused: ${taken.refused.message}`)
      return taken
    },
    /** Reads once a second for so long. */
    watch: (seconds: number) => Array.from({ length: seconds }, () => pass(1_000)),
  }
}
