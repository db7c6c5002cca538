// Remembers when the hub lived and when devices were not heard, so that a hole in a history has a reason.

import type { Device } from '../protocol/index.ts'
import type { DeviceChange } from './devices.ts'
import type { Clock, KeptGap, Log, Records } from './ports.ts'

export type Life = ReturnType<typeof createLife>

/** After a crash, so much of the hub's life may count as down; where there are readings, they show it. */
const aliveEveryMs = 10_000
/** What changed within this time is written together: a broken network takes many devices at once. */
const saveEveryMs = 1_000
/** Of one question. */
const maxGaps = 1_000

export function createLife({
  records,
  devices,
  clock,
  log,
}: {
  records: Records['life']
  devices: {
    list(): Device[]
    onChange(listener: (device: Device, change: DeviceChange) => void): () => void
  }
  clock: Clock
  log: Log
}) {
  /** Devices that are not heard now, and since when. */
  const absent = new Map<string, KeptGap>()
  let unsaved: KeptGap[] = []
  let stops: (() => void)[] = []

  function notice({ id, presence: { status, since, lastSeenAt } }: Device, change: DeviceChange) {
    if (change === 'removed') return forget(id)
    const gap = absent.get(id)
    const isHeard = status === 'live' || status === 'late'
    if (isHeard && gap) {
      absent.delete(id)
      unsaved.push({ ...gap, to: Math.max(gap.from, lastSeenAt ?? since) })
    }
    // Of a device that has never sent anything nothing is missing.
    if (isHeard || gap || lastSeenAt === undefined) return
    const opened: KeptGap = { device: id, reason: 'device-offline', from: lastSeenAt }
    absent.set(id, opened)
    unsaved.push(opened)
  }

  function forget(device: string) {
    absent.delete(device)
    unsaved = unsaved.filter((gap) => gap.device !== device)
    records.forget(device).catch((error) => log.warn('gaps of a device not forgotten', { device, error }))
  }

  async function save() {
    const gaps = unsaved
    if (gaps.length === 0) return
    unsaved = []
    try {
      await records.save(gaps)
    } catch (error) {
      unsaved = [...gaps, ...unsaved]
      log.warn('gaps not saved, trying again', { error, gaps: gaps.length })
    }
  }

  async function live() {
    await records.alive(clock.now()).catch((error) => log.warn('sign of life not saved', { error }))
  }

  return {
    /** The time since the hub was last alive becomes a gap of all devices. Call it when they are known and none is heard yet. */
    async start() {
      const now = clock.now()
      const last = await records.lastAlive()
      if (last !== undefined && last < now) await records.save([{ reason: 'hub-down', from: last, to: now }])
      for (const gap of await records.open()) if (gap.device !== undefined) absent.set(gap.device, gap)
      for (const device of devices.list()) notice(device, 'changed')
      await live()
      stops = [
        devices.onChange(notice),
        clock.every(aliveEveryMs, () => void live()),
        clock.every(saveEveryMs, () => void save()),
      ]
    },

    /** Kept gaps of a device that touch the range, oldest first, at most 1,000; those not on disk yet, too. */
    async gaps(device: string, { from, to }: { from: number; to: number }): Promise<KeptGap[]> {
      const kept = await records.gaps({ device, from, to, limit: maxGaps })
      const fresh = unsaved.filter((gap) => gap.device === device && gap.from < to && (gap.to ?? to) > from)
      const nameOf = (gap: KeptGap) => `${gap.device} ${gap.reason} ${gap.from}`
      return [...new Map([...kept, ...fresh].map((gap) => [nameOf(gap), gap])).values()]
    },

    async close() {
      for (const stop of stops) stop()
      await save()
      if (stops.length > 0) await live()
    },
  }
}
