// Counts what becomes of every reading: made = acknowledged + rejected + refused + dropped + pending, at any time.

import type { Rejection } from '@telehub/hub/protocol'
import type { Ended } from './commands.ts'
import type { DeviceEvents } from './device.ts'
import { createLatency } from './latency.ts'
import type { Message } from './links/carrier.ts'

/** All counts since the start. Readings are values: one metric of one device at one time. */
export interface Counts {
  readonly online: number
  readonly readings: {
    readonly made: number
    readonly acknowledged: number
    /** Refused one by one, by code; the rest of their message was taken. */
    readonly rejected: Readonly<Record<string, number>>
    /** Refused with their whole message, for good. */
    readonly refused: number
    /** Given up because too much was waiting for the hub. */
    readonly dropped: number
  }
  readonly messages: {
    readonly sent: number
    readonly sentAgain: number
    readonly nacks: Readonly<Record<string, number>>
  }
  readonly ackMs: {
    readonly p50?: number | undefined
    readonly p99?: number | undefined
    readonly max?: number | undefined
  }
  readonly commands: { readonly received: number } & Readonly<Record<Ended, number>>
  readonly links: { readonly opened: number; readonly lost: number; readonly refused: number }
  /** Reports left out because this machine was too busy to make them in time. */
  readonly skipped: number
  /** What went wrong last, in words. */
  readonly trouble?: string | undefined
}

export interface Tally {
  /** What one device is to tell. */
  of(device: string): DeviceEvents
  counts(): Counts
}

export function createTally(): Tally {
  const online = new Set<string>()
  const latency = createLatency()
  const rejected: Record<string, number> = {}
  const nacks: Record<string, number> = {}
  const commands = { received: 0, succeeded: 0, failed: 0, rejected: 0 }
  const links = { opened: 0, lost: 0, refused: 0 }
  let made = 0
  let acknowledged = 0
  let refused = 0
  let dropped = 0
  let sent = 0
  let sentAgain = 0
  let skipped = 0
  let trouble: string | undefined

  const count = (counts: Record<string, number>, code: string, by = 1) => {
    counts[code] = (counts[code] ?? 0) + by
  }

  return {
    of: (device) => ({
      online() {
        online.add(device)
        links.opened += 1
      },
      offline(reason) {
        if (online.delete(device)) links.lost += 1
        trouble = `${device}: ${reason}`
      },
      refused(reason) {
        online.delete(device)
        links.refused += 1
        trouble = `${device}: ${reason}`
      },
      complaint(words) {
        trouble = `${device}: ${words}`
      },
      made(readings) {
        made += readings
      },
      sent(_message, again) {
        sent += 1
        if (again) sentAgain += 1
      },
      acked(message, rejections, ackMs) {
        latency.add(ackMs)
        acknowledged += message.count
        for (const rejection of rejections) {
          const readings = readingsOf(message, rejection)
          acknowledged -= readings
          count(rejected, rejection.code, readings)
        }
      },
      nacked(message, code, again) {
        count(nacks, code)
        if (!again) refused += message.count
      },
      dropped(message) {
        dropped += message.count
      },
      skipped(reports) {
        skipped += reports
      },
      commandBegan() {
        commands.received += 1
      },
      commandEnded(state) {
        commands[state] += 1
      },
    }),

    counts: () => ({
      online: online.size,
      readings: { made, acknowledged, rejected: { ...rejected }, refused, dropped },
      messages: { sent, sentAgain, nacks: { ...nacks } },
      ackMs: { p50: latency.percentile(0.5), p99: latency.percentile(0.99), max: latency.max() || undefined },
      commands: { ...commands },
      links: { ...links },
      skipped,
      trouble,
    }),
  }
}

/** A rejection names one metric of a report, or the whole of it. */
function readingsOf(message: Message, { index, metric }: Rejection): number {
  if (metric !== undefined) return 1
  return Object.keys(message.readings[index]?.values ?? {}).length
}
