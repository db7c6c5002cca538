// The standing requests of a client: who gets which segment, and how they are asked for again after a break.

import type { ErrorCode } from '../protocol/codes.ts'
import type { ConsoleMessage, ToConsole, WatchMessage } from '../protocol/messages.ts'
import type { Device, Gap, Segment } from '../protocol/model.ts'

export type WatchRequest = Omit<WatchMessage, 'type' | 'id' | 'from'> & { from?: number }

export interface Snapshot {
  readonly devices: Device[]
  readonly recent: Segment[]
  readonly gaps: Gap[]
  /** True after a break: `recent` is just what was missed. False: start afresh. */
  readonly resumed: boolean
}

export interface WatchListeners {
  /** At first, and again after every reconnect. */
  snapshot?(snapshot: Snapshot): void
  readings?(segment: Segment): void
  device?(device: Device, removed: boolean): void
  /** Readings were left out because this console was too slow; history has them. */
  gaps?(gaps: Gap[]): void
  error?(problem: { code: ErrorCode; detail: string }): void
}

interface Watch {
  readonly request: WatchRequest
  readonly listeners: WatchListeners
  /** The devices named; for a tag, those that have it. */
  readonly devices: Set<string>
  /** Up to here all its readings came; undefined before its first answer. */
  cursor?: string
  /** Hub time at that cursor. */
  newestAt: number
  /** Answered on this connection: what comes now follows on its cursor. */
  current: boolean
}

type Answer = Extract<ToConsole, { type: 'watching' }>

export function createWatches(send: (message: ConsoleMessage) => void) {
  const watches = new Map<string, Watch>()
  let nextId = 1

  function ask(id: string, { request, cursor }: Watch) {
    send({ type: 'watch', id, ...request, from: cursor ?? request.from })
  }

  function reached(at: string, hubNow: number) {
    for (const watch of watches.values()) {
      if (!watch.current) continue
      watch.cursor = at
      watch.newestAt = hubNow
    }
  }

  function concerns({ request, devices }: Watch, device: string): boolean {
    return request.devices === '*' || devices.has(device)
  }

  return {
    add(request: WatchRequest, listeners: WatchListeners): () => void {
      const id = `w${nextId++}`
      const named = Array.isArray(request.devices) ? request.devices : []
      const watch: Watch = { request, listeners, devices: new Set(named), newestAt: 0, current: false }
      watches.set(id, watch)
      ask(id, watch)
      return () => {
        watches.delete(id)
        send({ type: 'unwatch', id })
      }
    },

    /** After every welcome. */
    askAgain() {
      for (const [id, watch] of watches) {
        watch.current = false
        ask(id, watch)
      }
    },

    answer({ id, cursor: at, devices, recent, gaps }: Answer, hubNow: number) {
      const watch = watches.get(id)
      if (!watch) return
      if (typeof watch.request.devices === 'object') for (const device of devices) watch.devices.add(device.id)
      const resumed = watch.cursor !== undefined
      // The hub does not know how far this console got before a break it cannot fill; the console does.
      const clamped = gaps.map((gap) => ({ ...gap, from: Math.max(gap.from, watch.newestAt) }))
      watch.cursor = at
      watch.newestAt = hubNow
      watch.current = true
      watch.listeners.snapshot?.({ devices, recent, gaps: clamped, resumed })
    },

    readings(segments: readonly Segment[], at: string, hubNow: number): number {
      reached(at, hubNow)
      let count = 0
      for (const segment of segments) {
        for (const column of Object.values(segment.values)) count += column.length
        for (const watch of watches.values()) {
          if (watch.current && concerns(watch, segment.device)) watch.listeners.readings?.(segment)
        }
      }
      return count
    },

    device(device: Device, removed: boolean) {
      for (const watch of watches.values()) {
        const { devices: wanted } = watch.request
        if (typeof wanted === 'object' && 'tag' in wanted && device.tags.includes(wanted.tag))
          watch.devices.add(device.id)
        if (concerns(watch, device.id)) watch.listeners.device?.(device, removed)
      }
    },

    gaps(gaps: Gap[]) {
      for (const { listeners } of watches.values()) listeners.gaps?.(gaps)
    },

    /** False when `ref` is not a watch. */
    error(ref: string | undefined, problem: { code: ErrorCode; detail: string }): boolean {
      const watch = ref === undefined ? undefined : watches.get(ref)
      watch?.listeners.error?.(problem)
      return watch !== undefined
    },

    /** Everything before `at` was sent: a quiet watch stays able to resume. */
    quiet: reached,
  }
}
