// One rhythm of the live stream: what changed since its last turn, and which sessions want it.

import type { Latest, Segment, Value } from '../../protocol/index.ts'
import type { Batch } from '../ports.ts'
import { segmentOf, segmentOfLatest } from './segment.ts'

/** Which devices a watch is for. */
export type Selection = '*' | { readonly tag: string } | readonly string[]

/** Who wants which device, and how often they asked; generic so that the lane knows nothing of sessions. */
function createAudience<Member>() {
  type Places = Map<string, Map<Member, number>>
  const everyone = new Map<Member, number>()
  const byDevice: Places = new Map()
  const byTag: Places = new Map()
  let entries = 0

  function enter(counts: Map<Member, number>, member: Member): () => void {
    counts.set(member, (counts.get(member) ?? 0) + 1)
    return () => {
      const left = (counts.get(member) ?? 1) - 1
      if (left > 0) counts.set(member, left)
      else counts.delete(member)
    }
  }

  function enterAt(places: Places, key: string, member: Member): () => void {
    const counts = places.get(key) ?? new Map<Member, number>()
    places.set(key, counts)
    const leave = enter(counts, member)
    return () => {
      leave()
      if (counts.size === 0) places.delete(key)
    }
  }

  return {
    /** Those who want every device. */
    everyone: (): Iterable<Member> => everyone.keys(),
    /** Answers with the undoing of just this. */
    add(member: Member, selection: Selection): () => void {
      entries++
      const leaves =
        selection === '*'
          ? [enter(everyone, member)]
          : 'tag' in selection
            ? [enterAt(byTag, selection.tag, member)]
            : [...new Set(selection)].map((device) => enterAt(byDevice, device, member))
      return () => {
        entries--
        for (const leave of leaves) leave()
      }
    },
    /** Those who want this device in particular and not every one. May name a member twice. */
    *of(device: string, tags: readonly string[]): Generator<Member, void> {
      for (const member of byDevice.get(device)?.keys() ?? []) if (!everyone.has(member)) yield member
      for (const tag of tags) for (const member of byTag.get(tag)?.keys() ?? []) if (!everyone.has(member)) yield member
    },
    wants: (member: Member, device: string, tags: readonly string[]): boolean =>
      everyone.has(member) ||
      byDevice.get(device)?.has(member) === true ||
      tags.some((tag) => byTag.get(tag)?.has(member)),
    /** Whether anyone wants this device. */
    hears: (device: string, tags: readonly string[]): boolean =>
      everyone.size > 0 || byDevice.has(device) || tags.some((tag) => byTag.has(tag)),
    get empty() {
      return entries === 0
    },
  }
}

/** Rhythms a lane can have: each is work of its own, so what is asked for is rounded up to one of these. */
const rhythmsMs = [50, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 600_000, 3_600_000]
export const rhythmOf = (everyMs: number): number => rhythmsMs.find((rhythm) => rhythm >= everyMs) ?? 3_600_000

/** `everyMs` 0 carries every reading; otherwise the newest value of each metric, at most once in that time. */
export function createLane<Member>(everyMs: number) {
  const pending = everyMs === 0 ? everyReading() : newestValues()
  // Not spread: `pending` is a getter.
  return Object.assign(pending, { everyMs, audience: createAudience<Member>(), dueAt: 0 })
}
export type Lane<Member> = ReturnType<typeof createLane<Member>>

function everyReading() {
  let byDevice = new Map<string, Batch[]>()
  return {
    get pending() {
      return byDevice.size > 0
    },
    add(batch: Batch) {
      const batches = byDevice.get(batch.device)
      if (batches) batches.push(batch)
      else byDevice.set(batch.device, [batch])
    },
    take(): Segment[] {
      const segments = [...byDevice.values()].map((batches) => segmentOf(batches))
      byDevice = new Map()
      return segments
    },
  }
}

function newestValues() {
  let byDevice = new Map<string, Map<string, Latest>>()
  return {
    get pending() {
      return byDevice.size > 0
    },
    add(batch: Batch) {
      const latest = byDevice.get(batch.device) ?? new Map<string, Latest>()
      byDevice.set(batch.device, latest)
      batch.metrics.forEach((metric, m) => {
        batch.columns[m]?.forEach((value, i) => {
          const at = batch.at[i] as number
          if (value !== null && at >= (latest.get(metric)?.at ?? 0)) latest.set(metric, { at, value: value as Value })
        })
      })
    },
    take(): Segment[] {
      const segments = [...byDevice].map(([device, latest]) => segmentOfLatest(device, latest))
      byDevice = new Map()
      return segments
    },
  }
}
