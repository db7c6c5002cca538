// Mounts a component as a page of the console would: signed in to a fake hub, with a router.

import { mount, type VueWrapper } from '@vue/test-utils'
import { type Component, effectScope } from 'vue'
import { createMemoryHistory, createRouter, type Router } from 'vue-router'
import { type Session, sessionKey } from '../src/composables/useSession.ts'
import { createCredentialStore } from '../src/lib/credentials.ts'
import { createSession } from '../src/session.ts'
import { createFakeHub, type FakeHub } from './fake-hub.ts'

export interface Mounted {
  wrapper: VueWrapper
  hub: FakeHub
  session: Session
  router: Router
}

function signedIn(hub: FakeHub = createFakeHub()): Session {
  const session = createSession(createCredentialStore(sessionStorage, localStorage), () => hub.client)
  effectScope(true).run(() => session.signIn({ url: hub.client.url, key: 'th_operator_a_b' }, false))
  return session
}

export async function mountSignedIn(
  component: Component,
  {
    props = {},
    hub = createFakeHub(),
    path = '/',
  }: { props?: Record<string, unknown>; hub?: FakeHub; path?: string } = {},
): Promise<Mounted> {
  const session = signedIn(hub)
  const nothing = { template: '<div />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/devices/:id', name: 'device', component: nothing },
      { path: '/:path(.*)*', component: nothing },
    ],
  })
  await router.push(path)
  const wrapper = mount(component, {
    props,
    attachTo: document.body,
    global: { plugins: [router], provide: { [sessionKey as symbol]: session } },
  })
  return { wrapper, hub, session, router }
}
