// What a device needs of a transport: one connection that carries messages and says what became of each.

import type { Reading } from '../history.ts'

export interface Message {
  readonly device: string
  readonly seq: number
  readonly readings: readonly Reading[]
}

/** `ack`, or the code of the refusal. */
export type Answer = 'ack' | { readonly refused: string }

export interface Sender {
  /** Rejects when the connection ends before the hub has answered. */
  send(message: Message): Promise<Answer>
  close(): void
}

/** `stream` names the device's life, not its connection: messages sent again keep it. */
export type OpenSender = (source: { device: string; stream: string }) => Promise<Sender>

/** `{at, values}` as every transport carries them. */
export function wireReadings(readings: readonly Reading[]): { at: number; values: Record<string, Reading['value']> }[] {
  const rows = new Map<number, Record<string, Reading['value']>>()
  for (const { at, metric, value } of readings) rows.set(at, { ...rows.get(at), [metric]: value })
  return [...rows].map(([at, values]) => ({ at, values }))
}
