// The past of one device over the range in the URL; follows now while the range does.

import { HubProblem } from '@telehub/hub/client'
import type { History } from '@telehub/hub/protocol'
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { type Range, rangeQuery, readRange, type Span, shiftRange, spanOf } from '../lib/range.ts'
import { useQuery } from './useQuery.ts'
import { useHub } from './useSession.ts'

/** More buckets than a wide chart has pixels would not be seen. */
const points = 600
const refreshAtLeastMs = 10_000

export function useHistory(deviceId: string) {
  const { hub, clock } = useHub()
  const { query, set, push } = useQuery()
  const range = computed(() => readRange(query.value))
  const loading = ref(false)
  const problem = ref<string>()
  /** An answer and the span it was asked for, which charts show. */
  const answer = shallowRef<{ history: History; span: Span }>()
  let abort: AbortController | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  async function load(): Promise<void> {
    abort?.abort()
    clearTimeout(timer)
    const mine = new AbortController()
    abort = mine
    loading.value = true
    const span = spanOf(range.value, Math.round(clock.read()))
    try {
      const history = await hub.history(deviceId, { ...span, points }, { signal: mine.signal })
      answer.value = { history, span }
      problem.value = undefined
    } catch (error) {
      if (mine.signal.aborted) return
      problem.value = error instanceof HubProblem ? `${error.message} (${error.code})` : String(error)
    }
    loading.value = false
    follow()
  }

  function follow(): void {
    if (range.value.kind === 'fixed') return
    timer = setTimeout(
      () => (document.hidden ? follow() : void load()),
      Math.max(refreshAtLeastMs, range.value.preset.lengthMs / points),
    )
  }

  watch(() => JSON.stringify(range.value), load, { immediate: true })
  onScopeDispose(() => {
    abort?.abort()
    clearTimeout(timer)
  })

  return {
    range,
    answer,
    loading,
    problem,
    load,
    choose: (next: Range) => set(rangeQuery(next)),
    /** As `choose`, but the browser's back button returns from it. */
    zoom: (next: Range) => push(rangeQuery(next)),
    shift: (direction: -1 | 1) => set(rangeQuery(shiftRange(range.value, direction, Math.round(clock.read())))),
    backToLive: () => push({ tab: undefined, range: undefined, from: undefined, to: undefined }),
  }
}
