// All devices of the hub with their latest values and a few minutes of their primary metric: what lists and headers show.

import type { HubClient } from '@telehub/hub/client'
import type { Device, Latest, Segment } from '@telehub/hub/protocol'
import { type Ref, ref, type ShallowRef, shallowRef } from 'vue'
import type { Frames } from '../lib/frames.ts'
import { primaryMetric } from '../lib/presence.ts'
import { createNumberRing, type Ring } from '../lib/ring.ts'
import type { HubClock } from './useNow.ts'
import { useHub } from './useSession.ts'

export const sparkMs = 5 * 60_000
/** Five minutes at the once a second a fleet watch gives. Older points are dropped. */
const sparkPoints = 320

export interface FleetDevice {
  readonly id: string
  readonly device: ShallowRef<Device>
  /** Newest value of each metric; a new object at most once a frame. */
  readonly latest: ShallowRef<Readonly<Record<string, Latest>>>
  /** The primary metric, when it is a number. Not reactive: draw it when `latest` changes. */
  readonly spark: Ring<number>
}

export interface Fleet {
  /** False until the hub has said which devices there are. */
  readonly loaded: Ref<boolean>
  /** Why the hub would not say. */
  readonly problem: Ref<string | undefined>
  /** A new array when devices join or leave. */
  readonly devices: ShallowRef<readonly FleetDevice[]>
  find(id: string): FleetDevice | undefined
  close(): void
}

/** Watches `*` at one value a metric and second; nothing is redrawn more than once a frame. */
export function createFleet(hub: HubClient, clock: HubClock, frames: Frames): Fleet {
  const loaded = ref(false)
  const problem = ref<string>()
  const devices = shallowRef<readonly FleetDevice[]>([])
  const known = new Map<string, FleetDevice>()
  const newest = new Map<string, Record<string, Latest>>()
  const touched = new Set<string>()

  function put(device: Device): void {
    const entry = known.get(device.id)
    newest.set(device.id, newer(newest.get(device.id) ?? {}, device.latest))
    touched.add(device.id)
    if (entry) {
      entry.device.value = device
      return
    }
    known.set(device.id, {
      id: device.id,
      device: shallowRef(device),
      latest: shallowRef(device.latest),
      spark: createNumberRing(sparkPoints),
    })
  }

  function drop(id: string): void {
    known.delete(id)
    newest.delete(id)
    touched.delete(id)
  }

  function take(segment: Segment): void {
    const entry = known.get(segment.device)
    if (!entry) return
    const latest = newest.get(segment.device) ?? {}
    const primary = primaryMetric(entry.device.value)
    for (const [metric, column] of Object.entries(segment.values)) {
      for (const [i, value] of column.entries()) {
        const at = segment.at[i]
        if (value === null || at === undefined) continue
        if (at >= (latest[metric]?.at ?? 0)) latest[metric] = { at, value }
        if (metric === primary && typeof value === 'number') entry.spark.push(at, value)
      }
    }
    newest.set(segment.device, latest)
    touched.add(segment.device)
    frames.request(show)
  }

  function show(): void {
    for (const id of touched) {
      const entry = known.get(id)
      if (entry) entry.latest.value = { ...newest.get(id) }
    }
    touched.clear()
  }

  function relist(): void {
    devices.value = [...known.values()]
  }

  const unwatch = hub.watch(
    { devices: '*', mode: 'latest', everyMs: 1_000, from: Math.round(clock.read() - sparkMs) },
    {
      snapshot({ devices: all, recent }) {
        problem.value = undefined
        const present = new Set(all.map(({ id }) => id))
        for (const id of [...known.keys()]) if (!present.has(id)) drop(id)
        for (const device of all) put(device)
        for (const segment of recent) take(segment)
        relist()
        show()
        loaded.value = true
      },
      readings: take,
      device(device, removed) {
        const isNew = !known.has(device.id)
        if (removed) drop(device.id)
        else put(device)
        if (removed || isNew) relist()
        frames.request(show)
      },
      error({ detail }) {
        problem.value = detail
      },
    },
  )

  return {
    loaded,
    problem,
    devices,
    find: (id) => known.get(id),
    close() {
      unwatch()
      frames.cancel(show)
    },
  }
}

export function useFleet(): Fleet {
  return useHub().fleet
}

function newer(a: Readonly<Record<string, Latest>>, b: Readonly<Record<string, Latest>>): Record<string, Latest> {
  const merged = { ...a }
  for (const [metric, latest] of Object.entries(b)) {
    if (latest.at >= (merged[metric]?.at ?? 0)) merged[metric] = latest
  }
  return merged
}
