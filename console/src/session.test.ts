// Shows how a session begins, goes on after a reload, and ends.

import { beforeEach, expect, it } from 'vitest'
import { createFakeHub, type FakeHub } from '../test/fake-hub.ts'
import { createCredentialStore } from './lib/credentials.ts'
import { createSession } from './session.ts'

const credentials = { url: 'http://hub.test', key: 'th_operator_a_b' }
let opened: { url: string; key: string; hub: FakeHub }[]

const session = () =>
  createSession(createCredentialStore(sessionStorage, localStorage), (url, key) => {
    const hub = createFakeHub()
    opened.push({ url, key, hub })
    return hub.client
  })

beforeEach(() => {
  sessionStorage.clear()
  localStorage.clear()
  opened = []
})

it('signs in with what it was given', () => {
  const mine = session()
  mine.signIn(credentials, false)
  expect([opened[0]?.url, opened[0]?.key, mine.current.value?.hub]).toEqual([
    credentials.url,
    credentials.key,
    opened[0]?.hub.client,
  ])
})

it('goes on after a reload of the page', () => {
  session().signIn(credentials, false)
  expect([session().resume(), opened.length]).toEqual([true, 2])
})

it('has nothing to go on with before the first sign-in, and after a sign-out', () => {
  expect(session().resume()).toBe(false)
  const first = session()
  first.signIn(credentials, true)
  first.signOut()
  expect([session().resume(), opened[0]?.hub.closed, first.current.value]).toEqual([false, true, undefined])
})

it('closes the hub it leaves for another', () => {
  const mine = session()
  mine.signIn(credentials, false)
  mine.signIn({ ...credentials, url: 'http://other.test' }, false)
  expect(opened.map(({ hub }) => [hub.closed, hub.watches.length])).toEqual([
    [true, 0],
    [false, 1],
  ])
})

it('hands out the credentials of a link once, and prefers them to kept ones', () => {
  session().signIn(credentials, false)
  const mine = session()
  mine.offer({ url: 'http://link.test', key: 'k' })
  expect([mine.resume(), mine.takeOffer()?.url, mine.takeOffer()]).toEqual([false, 'http://link.test', undefined])
})

it('hands its own credentials to the connect page when something is wrong with them', () => {
  const mine = session()
  mine.signIn(credentials, true)
  mine.reconsider()
  expect([mine.takeOffer(), mine.current.value, session().resume()]).toEqual([credentials, undefined, false])
})
