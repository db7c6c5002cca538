// Reads and writes the query of the URL, where filters, ranges and tabs are kept.

import { type ComputedRef, computed } from 'vue'
import { useRoute, useRouter } from 'vue-router'

type Changes = Record<string, string | undefined>

/** `set` replaces the current entry of the browser's history; `push` makes a new one, to come back from. Empty means gone. */
export function useQuery(): {
  query: ComputedRef<Record<string, unknown>>
  set(changes: Changes): void
  push(changes: Changes): void
} {
  const route = useRoute()
  const router = useRouter()

  function changed(changes: Changes) {
    const query = { ...route.query, ...changes }
    for (const [name, value] of Object.entries(query)) if (value === undefined || value === '') delete query[name]
    return { path: route.path, query }
  }

  return {
    query: computed(() => route.query),
    set: (changes) => void router.replace(changed(changes)),
    push: (changes) => void router.push(changed(changes)),
  }
}
