// Every reading of one device from the last minutes on, in rings outside of Vue's reactivity.

import type { Gap, Segment, Value } from '@telehub/hub/protocol'
import { onScopeDispose, type Ref, ref, type ShallowRef, shallowRef } from 'vue'
import { createNumberRing, createStateRing, type Ring } from '../lib/ring.ts'
import { useHub } from './useSession.ts'

/** What the hub's memory reaches back to (`resumeMs`). */
const liveMs = 15 * 60_000
/** Fifteen minutes at ten readings a second. Past that the oldest are dropped. */
const capacity = 9_000
const mostGaps = 50

export interface Live {
  readonly loaded: Ref<boolean>
  readonly problem: Ref<string | undefined>
  readonly gaps: ShallowRef<readonly Gap[]>
  numbers(metric: string): Ring<number>
  states(metric: string): Ring<Value>
  /** Calls `draw` soon after readings of `metric` came: at most once a frame, never while the page is hidden. The answer ends that. */
  onReadings(metric: string, draw: () => void): () => void
}

export function useLive(deviceId: string): Live {
  const { hub, clock, frames } = useHub()
  const loaded = ref(false)
  const problem = ref<string>()
  const gaps = shallowRef<readonly Gap[]>([])
  const numberRings = new Map<string, Ring<number>>()
  const stateRings = new Map<string, Ring<Value>>()
  const drawings = new Map<string, Set<() => void>>()

  const numbers = (metric: string) => madeOnce(numberRings, metric, () => createNumberRing(capacity))
  const states = (metric: string) => madeOnce(stateRings, metric, () => createStateRing<Value>(capacity))

  function take({ at: times, values }: Segment): void {
    for (const [metric, column] of Object.entries(values)) {
      for (const [i, value] of column.entries()) {
        const at = times[i]
        if (value === null || at === undefined) continue
        if (typeof value === 'number') numbers(metric).push(at, value)
        else states(metric).push(at, value)
      }
      for (const draw of drawings.get(metric) ?? []) frames.request(draw)
    }
  }

  const unwatch = hub.watch(
    { devices: [deviceId], mode: 'all', from: Math.round(clock.read() - liveMs) },
    {
      snapshot({ recent, gaps: missing }) {
        problem.value = undefined
        for (const segment of recent) take(segment)
        gaps.value = [...gaps.value, ...missing].slice(-mostGaps)
        loaded.value = true
      },
      readings: take,
      gaps(missing) {
        gaps.value = [...gaps.value, ...missing].slice(-mostGaps)
      },
      error({ detail }) {
        problem.value = detail
      },
    },
  )
  onScopeDispose(unwatch)

  return {
    loaded,
    problem,
    gaps,
    numbers,
    states,
    onReadings(metric, draw) {
      const set = madeOnce(drawings, metric, () => new Set<() => void>())
      set.add(draw)
      return () => {
        set.delete(draw)
        frames.cancel(draw)
      }
    },
  }
}

function madeOnce<T>(map: Map<string, T>, name: string, make: () => T): T {
  const known = map.get(name)
  if (known) return known
  const made = make()
  map.set(name, made)
  return made
}
