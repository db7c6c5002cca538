// Who is signed in to which hub, for components: what `src/session.ts` made and the app provides.

import type { HubClient } from '@telehub/hub/client'
import { type InjectionKey, inject, type ShallowRef } from 'vue'
import type { Frames } from '../lib/frames.ts'
import type { Credentials } from '../lib/sign-in-link.ts'
import type { Connection } from './useConnection.ts'
import type { Fleet } from './useFleet.ts'
import type { HubClock } from './useNow.ts'

/** One signed-in hub: its client and what all pages share. */
export interface HubSession {
  readonly hub: HubClient
  readonly clock: HubClock
  readonly connection: Connection
  readonly fleet: Fleet
  readonly frames: Frames
}

export interface Session {
  readonly current: ShallowRef<HubSession | undefined>
  /** Credentials of a sign-in link, for the connect page to try. Taken once. */
  offer(credentials: Credentials): void
  takeOffer(): Credentials | undefined
  signIn(credentials: Credentials, remember: boolean): void
  /** Goes on where the last load of this page was; false when there is nothing to go on with. */
  resume(): boolean
  signOut(): void
  /** Signs out, and offers the same credentials to the connect page, to find out what is wrong with them. */
  reconsider(): void
  /** Hubs signed in to before, the last one first. */
  hubs(): string[]
}

export const sessionKey: InjectionKey<Session> = Symbol('session')

export function useSession(): Session {
  const session = inject(sessionKey)
  if (!session) throw new Error('useSession needs a session provided by the app')
  return session
}

/** For pages and components that exist only while somebody is signed in. */
export function useHub(): HubSession {
  const current = useSession().current.value
  if (!current) throw new Error('useHub needs somebody to be signed in')
  return current
}
