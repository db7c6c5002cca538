// How present a device is, as far as this console can know.

import type { Device } from '@telehub/hub/protocol'
import { computed } from 'vue'
import { lookOf, unknownLook } from '../lib/presence.ts'
import { useConnection } from './useConnection.ts'
import { useNow } from './useNow.ts'
import { useHub } from './useSession.ts'

/** A short break changes nothing: devices do not come and go with it. */
const graceMs = 5_000

export function useLook(device: () => Device) {
  const { hub } = useHub()
  const { state, since } = useConnection()
  const now = useNow()
  return computed(() => {
    const look = lookOf(device())
    const lost = state.value.kind !== 'live' && now.value - hub.clockOffsetMs - since.value > graceMs
    return lost ? unknownLook(look) : look
  })
}
