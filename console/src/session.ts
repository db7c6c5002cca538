// Makes sessions: signs in, goes on after a reload, signs out, and closes in reverse order what it opened.

import { connect, type HubClient } from '@telehub/hub/client'
import { shallowRef } from 'vue'
import { createConnection } from './composables/useConnection.ts'
import { createFleet } from './composables/useFleet.ts'
import { createHubClock } from './composables/useNow.ts'
import type { HubSession, Session } from './composables/useSession.ts'
import type { CredentialStore } from './lib/credentials.ts'
import { createFrames } from './lib/frames.ts'
import type { Credentials } from './lib/sign-in-link.ts'

export function createSession(
  store: CredentialStore,
  open: (url: string, key: string) => HubClient = openHub,
): Session {
  const current = shallowRef<HubSession>()
  let closeCurrent: (() => void) | undefined
  let offered: Credentials | undefined

  function start({ url, key }: Credentials): void {
    closeCurrent?.()
    const hub = open(url, key)
    const frames = createFrames()
    const clock = createHubClock(hub)
    const connection = createConnection(hub)
    const fleet = createFleet(hub, clock, frames)
    closeCurrent = () => {
      fleet.close()
      connection.close()
      clock.close()
      hub.close()
    }
    current.value = { hub, clock, connection, fleet, frames }
  }

  function signOut(): void {
    store.clear()
    closeCurrent?.()
    closeCurrent = undefined
    current.value = undefined
  }

  return {
    current,
    offer(credentials) {
      offered = credentials
    },
    takeOffer() {
      const taken = offered
      offered = undefined
      return taken
    },
    signIn(credentials, remember) {
      store.save(credentials, remember)
      start(credentials)
    },
    resume() {
      const kept = offered ? undefined : store.load()
      if (kept) start(kept)
      return kept !== undefined
    },
    signOut,
    reconsider() {
      offered = store.load()
      signOut()
    },
    hubs: () => store.hubs(),
  }
}

function openHub(url: string, key: string): HubClient {
  return connect(url, { key })
}
