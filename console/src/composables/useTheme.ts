// Light or dark: the system's choice until a person makes one, which is remembered.

import { computed, ref, watch } from 'vue'

export type ThemeChoice = 'system' | 'light' | 'dark'

const storedAs = 'telehub.theme'
const order: readonly ThemeChoice[] = ['system', 'light', 'dark']

// One page, one theme: everything that draws on a canvas follows this.
const choice = ref<ThemeChoice>('system')
const systemIsDark = ref(false)
const theme = computed<'light' | 'dark'>(() => {
  if (choice.value !== 'system') return choice.value
  return systemIsDark.value ? 'dark' : 'light'
})

/** Call once, before mounting. public/theme.js has set the same theme before the first paint. */
export function startTheme(): void {
  const query = matchMedia('(prefers-color-scheme: dark)')
  systemIsDark.value = query.matches
  query.addEventListener('change', () => {
    systemIsDark.value = query.matches
  })
  choice.value = storedChoice()
  watch(
    theme,
    (now) => {
      document.documentElement.dataset.theme = now
    },
    { immediate: true, flush: 'sync' },
  )
}

export function useTheme() {
  return {
    choice,
    theme,
    /** System → light → dark → system. */
    next() {
      choice.value = order[(order.indexOf(choice.value) + 1) % order.length] ?? 'system'
      store(choice.value)
    },
  }
}

function storedChoice(): ThemeChoice {
  try {
    const stored = localStorage.getItem(storedAs)
    return order.find((known) => known === stored) ?? 'system'
  } catch {
    return 'system'
  }
}

function store(chosen: ThemeChoice): void {
  try {
    if (chosen === 'system') localStorage.removeItem(storedAs)
    else localStorage.setItem(storedAs, chosen)
  } catch {
    // Storage is blocked: the choice lasts as long as the page.
  }
}
