// Remembers when a QoS 1 message came first, so that sent again, without a time of its own, it is the same readings.

import { crc32 } from 'node:zlib'
import type { Clock } from '../../core/ports.ts'

/** Past this the oldest is forgotten: its readings, should they come again, get the time of their second arrival. */
const maxMessages = 20_000

export interface Publish {
  readonly messageId?: number | undefined
  /** It was sent before, and its PUBACK has not reached the sender (MQTT 3.1.1 §3.3.1.1). */
  readonly dup: boolean
  readonly topic: string
}

export type FirstArrivals = ReturnType<typeof createFirstArrivals>

/**
 * Hub time of the first arrival of a message: now, or earlier when it comes again. `sender` names the session at its client.
 * Packet ids are used again and again (§2.3.1), so that topic and payload must be the same, too. Not kept over a restart.
 */
export function createFirstArrivals({ clock }: { clock: Pick<Clock, 'now'> }) {
  const known = new Map<string, { at: number; print: string }>()

  return (sender: string, { messageId, dup, topic }: Publish, payload: Uint8Array): number | undefined => {
    if (messageId === undefined) return undefined
    const name = `${messageId} ${sender}`
    const print = `${payload.byteLength} ${crc32(payload)} ${topic}`
    const first = known.get(name)
    if (dup && first?.print === print) return first.at
    known.delete(name)
    const at = clock.now()
    known.set(name, { at, print })
    if (known.size > maxMessages) known.delete(known.keys().next().value as string)
    return at
  }
}
