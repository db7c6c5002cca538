// Whether the window is too narrow for tables.

import { onScopeDispose, type Ref, ref } from 'vue'

/** Below Tailwind's `lg`, as styles.css sets it. */
const narrowQuery = '(max-width: 63.99rem)'

export function useNarrow(): Ref<boolean> {
  const query = matchMedia(narrowQuery)
  const narrow = ref(query.matches)
  const follow = () => {
    narrow.value = query.matches
  }
  query.addEventListener('change', follow)
  onScopeDispose(() => query.removeEventListener('change', follow))
  return narrow
}
