// The state of the connection, its traffic and its role as refs.

import type { ConnectionState, HubClient } from '@telehub/hub/client'
import type { Role } from '@telehub/hub/protocol'
import { type Ref, ref, type ShallowRef, shallowRef } from 'vue'
import { useHub } from './useSession.ts'

export interface Connection {
  readonly state: ShallowRef<ConnectionState>
  /** When `state` became what it is, by this computer's clock. */
  readonly since: Ref<number>
  /** The hub has been reached in this session. */
  readonly wasLive: Ref<boolean>
  readonly role: Ref<Role | undefined>
  readonly messagesPerSecond: Ref<number>
  readonly roundTripMs: Ref<number | undefined>
  close(): void
}

export function createConnection(hub: HubClient): Connection {
  const state = shallowRef<ConnectionState>(hub.state)
  const since = ref(Date.now())
  const wasLive = ref(hub.state.kind === 'live')
  const role = ref(hub.role)
  const messagesPerSecond = ref(0)
  const roundTripMs = ref(hub.roundTripMs)

  const offs = [
    hub.on('state', (next) => {
      if (next.kind !== state.value.kind) since.value = Date.now()
      state.value = next
      wasLive.value ||= next.kind === 'live'
      role.value = hub.role
      if (next.kind !== 'live') messagesPerSecond.value = 0
    }),
    hub.on('traffic', ({ messages }) => {
      messagesPerSecond.value = messages
    }),
    hub.on('pong', (ms) => {
      roundTripMs.value = ms
    }),
  ]
  return {
    state,
    since,
    wasLive,
    role,
    messagesPerSecond,
    roundTripMs,
    close() {
      for (const off of offs) off()
    },
  }
}

export function useConnection(): Connection {
  return useHub().connection
}
