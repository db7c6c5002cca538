// What a device did and heard, one line an event, in the order in which it happened: the evidence of the fault suite.

import type { Value } from '../../src/protocol/index.ts'

/** One value of one metric of one device at one time: what must be in the store exactly once. */
export interface Reading {
  readonly device: string
  readonly metric: string
  /** Epoch ms. */
  readonly at: number
  readonly value: Value
}

/** `bridge`: over MQTT to an outside broker, which acknowledges for the hub. */
export type Via = 'ws' | 'http' | 'mqtt' | 'bridge'

export interface Line {
  readonly event: 'send' | 'ack' | 'nack'
  readonly via: Via
  /** Of the message at its device; a message that is sent again keeps it. */
  readonly seq: number
  readonly readings: readonly Reading[]
  /** Why it was refused. */
  readonly code?: string
}

export interface History {
  readonly lines: readonly Line[]
  add(line: Line): void
  /** How many messages were acknowledged. */
  readonly acknowledged: number
  readonly refused: number
  /** Resolves at the first acknowledgement or refusal from now on, or at once, when `holds` is true. */
  until(holds: (history: History) => boolean, withinMs?: number): Promise<void>
}

export function createHistory(): History {
  const lines: Line[] = []
  const waiters = new Set<() => void>()
  let acknowledged = 0
  let refused = 0
  const history: History = {
    lines,
    add(line) {
      lines.push(line)
      if (line.event === 'ack') acknowledged++
      if (line.event === 'nack') refused++
      if (line.event !== 'send') for (const wake of waiters) wake()
    },
    get acknowledged() {
      return acknowledged
    },
    get refused() {
      return refused
    },
    until: (holds, withinMs = 30_000) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => {
          waiters.delete(look)
          reject(new Error(`${acknowledged} acknowledged and ${refused} refused, and no more within ${withinMs} ms`))
        }, withinMs)
        const look = () => {
          if (!holds(history)) return
          clearTimeout(late)
          waiters.delete(look)
          resolve()
        }
        waiters.add(look)
        look()
      }),
  }
  return history
}
