// Hub time, and the one ticker by which every age on screen counts.

import type { HubClient } from '@telehub/hub/client'
import { type Ref, ref } from 'vue'
import { useHub } from './useSession.ts'

export interface HubClock {
  /** Hub time, epoch ms; moves once a second, so that all ages change together. */
  readonly now: Ref<number>
  /** Hub time this very moment. */
  read(): number
  close(): void
}

/** Ages count from the hub's clock: this computer's may be minutes off. */
export function createHubClock(hub: Pick<HubClient, 'clockOffsetMs'>): HubClock {
  const read = () => Date.now() + hub.clockOffsetMs
  const now = ref(read())
  const tick = () => {
    if (!document.hidden) now.value = read()
  }
  const timer = setInterval(tick, 1_000)
  document.addEventListener('visibilitychange', tick)
  return {
    now,
    read,
    close() {
      clearInterval(timer)
      document.removeEventListener('visibilitychange', tick)
    },
  }
}

/** Hub time, once a second. */
export function useNow(): Ref<number> {
  return useHub().clock.now
}
