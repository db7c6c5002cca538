// One rhythm of the live stream: what changed since its last turn, and which sessions want it.

import type { Latest, Segment, Value } from '../../protocol/index.ts'
import type { Batch } from '../ports.ts'
import { segmentOf, segmentOfLatest } from './segment.ts'

/** Which devices a watch is for. */
export type Selection = '*' | { readonly tag: string } | readonly string[]

/** Who wants which device; generic so that the lane knows nothing of sessions. */
function createAudience<Member>() {
  const everyone = new Set<Member>()
  const byDevice = new Map<string, Set<Member>>()
  const byTag = new Map<string, Set<Member>>()
  const leaves = new Map<Member, (() => void)[]>()

  function join(member: Member, map: Map<string, Set<Member>>, key: string): () => void {
    const set = map.get(key) ?? new Set()
    map.set(key, set.add(member))
    return () => {
      set.delete(member)
      if (set.size === 0) map.delete(key)
    }
  }

  function enter(member: Member, selection: Selection): (() => void)[] {
    if (selection !== '*') {
      if ('tag' in selection) return [join(member, byTag, selection.tag)]
      return selection.map((device) => join(member, byDevice, device))
    }
    everyone.add(member)
    return [() => everyone.delete(member)]
  }

  return {
    everyone,
    add(member: Member, selection: Selection) {
      leaves.set(member, [...(leaves.get(member) ?? []), ...enter(member, selection)])
    },
    remove(member: Member) {
      for (const leave of leaves.get(member) ?? []) leave()
      leaves.delete(member)
    },
    /** Those who want this device in particular, besides `everyone`. May name a member twice. */
    *of(device: string, tags: readonly string[]): Generator<Member, void> {
      yield* byDevice.get(device) ?? []
      for (const tag of tags) yield* byTag.get(tag) ?? []
    },
    wants: (member: Member, device: string, tags: readonly string[]): boolean =>
      everyone.has(member) ||
      byDevice.get(device)?.has(member) === true ||
      tags.some((tag) => byTag.get(tag)?.has(member)),
    get empty() {
      return leaves.size === 0
    },
  }
}

/** `everyMs` 0 carries every reading; otherwise the newest value of each metric, at most once in that time. */
export function createLane<Member>(everyMs: number) {
  const pending = everyMs === 0 ? everyReading() : newestValues()
  return { everyMs, audience: createAudience<Member>(), dueAt: 0, ...pending }
}
export type Lane<Member> = ReturnType<typeof createLane<Member>>

function everyReading() {
  let byDevice = new Map<string, Batch[]>()
  return {
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
