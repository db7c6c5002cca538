// Stands in for the core in the tests of this folder: remembers what reached it, and keeps or refuses like a journal.

import { createKeys } from '../../../core/access/keys.ts'
import { HubError } from '../../../core/errors.ts'
import type { Source } from '../../../core/intake.ts'
import type { Clock, DeviceLink, KeyRecord, Log } from '../../../core/ports.ts'
import type { Device, DeviceCommand, Profile, Reply } from '../../../protocol/index.ts'

const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  every(ms, run) {
    const timer = setInterval(run, ms)
    return () => clearInterval(timer)
  },
}

export interface Line {
  level: 'debug' | 'info' | 'warn' | 'error'
  event: string
  fields: Record<string, unknown>
}

export function createFakeCore() {
  const kept: { device: string; readings: readonly unknown[] }[] = []
  const waiting: (() => void)[] = []
  const links = new Map<string, DeviceLink>()
  const profiles = new Map<string, Profile | undefined>()
  const replies: { device: string; reply: Reply }[] = []
  const lines: Line[] = []
  const watchers = new Set<() => void>()
  /** `held`: readings wait for `sync()`, as for an fsync that has not returned. */
  const disk = { state: 'open' as 'open' | 'held' | 'full' }

  function changed() {
    for (const check of [...watchers]) check()
  }
  function put<T>(into: T[], value: T) {
    into.push(value)
    changed()
  }
  const line =
    (level: Line['level']) =>
    (event: string, fields: Record<string, unknown> = {}) =>
      put(lines, { level, event, fields })
  const log: Log = { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') }

  return {
    kept,
    links,
    profiles,
    replies,
    lines,
    disk,
    log,
    clock: { ...systemClock },
    /** How many messages wait for the disk. */
    get waiting() {
      return waiting.length
    },
    /** Lets `count` waiting messages, oldest first, reach the disk. */
    sync(count = waiting.length) {
      for (const done of waiting.splice(0, count)) done()
    },
    /** Resolves once `condition` holds; looked at whenever something reached the core. */
    async until(condition: () => boolean): Promise<void> {
      if (condition()) return
      await new Promise<void>((resolve) => {
        const check = () => {
          if (!condition()) return
          watchers.delete(check)
          resolve()
        }
        watchers.add(check)
      })
    },
    async openKeys() {
      const records: KeyRecord[] = []
      const keys = createKeys({
        records: {
          keys: { all: async () => records, find: async () => undefined, save: async () => {}, touch: async () => {} },
        },
        clock: systemClock,
        log,
      })
      await keys.load()
      return keys
    },
    intake: {
      async accept({ device }: Source, readings: readonly unknown[]) {
        if (disk.state === 'full') throw new HubError('journal-full', 'The journal is full.')
        if (readings.length === 0) throw new HubError('empty-batch', 'The message has no readings.')
        if (disk.state === 'held') {
          await new Promise<void>((resolve) => put(waiting, resolve))
        }
        put(kept, { device, readings })
        return { accepted: readings.length, rejected: [] }
      },
    },
    devices: {
      async hello(id: string, profile?: Profile): Promise<Device> {
        if (profile || !profiles.has(id)) profiles.set(id, profile)
        changed()
        return { id } as Device
      },
      attach(id: string, link: DeviceLink) {
        const older = links.get(id)
        links.set(id, link)
        older?.close('replaced')
        changed()
        return () => {
          if (links.get(id) === link) links.delete(id)
          changed()
        }
      },
    },
    commands: {
      async take(device: string, reply: Reply) {
        put(replies, { device, reply })
      },
    },
  }
}

export type FakeCore = ReturnType<typeof createFakeCore>

export function command(id: string, more: Partial<DeviceCommand> = {}): DeviceCommand {
  return { type: 'command', id, name: 'reboot', params: {}, expiresAt: Date.now() + 30_000, ...more }
}
