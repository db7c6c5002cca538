// The connection in words, counting down to the next try.

import { computed } from 'vue'
import { bannerOf, connectionLook } from '../lib/connection.ts'
import { useConnection } from './useConnection.ts'
import { useHub } from './useSession.ts'

export function useConnectionLook() {
  const { hub, clock } = useHub()
  const { state, since, wasLive } = useConnection()
  /** This computer's clock, once a second: retries are planned by it, not by the hub's. */
  const ownNow = computed(() => clock.now.value - hub.clockOffsetMs)
  return {
    look: computed(() => connectionLook(state.value, ownNow.value)),
    banner: computed(() =>
      bannerOf(state.value, ownNow.value, { lastsMs: ownNow.value - since.value, wasLive: wasLive.value }),
    ),
  }
}
