// Puts text on the clipboard and says for a moment that it did.

import { onScopeDispose, ref } from 'vue'

const saidForMs = 2_000

export function useCopied() {
  const copied = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  async function copy(text: string): Promise<void> {
    copied.value = await write(text)
    clearTimeout(timer)
    timer = setTimeout(() => {
      copied.value = false
    }, saidForMs)
  }

  onScopeDispose(() => clearTimeout(timer))
  return { copied, copy }
}

/** The clipboard API exists on https and localhost only; consoles on a LAN are often on plain http. */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.setAttribute('readonly', '')
  area.className = 'sr-only'
  const before = document.activeElement
  document.body.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  if (before instanceof HTMLElement) before.focus()
  return done
}
