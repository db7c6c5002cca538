// Shows where keys are kept, and for how long.

import { beforeEach, expect, it } from 'vitest'
import { createCredentialStore } from './credentials.ts'

const credentials = { url: 'http://hub.test', key: 'th_operator_a_b' }
const store = () => createCredentialStore(sessionStorage, localStorage)

beforeEach(() => {
  sessionStorage.clear()
  localStorage.clear()
})

it('keeps a key in the tab only', () => {
  store().save(credentials, false)
  expect(store().load()).toEqual(credentials)
  expect(JSON.stringify(localStorage)).not.toContain(credentials.key)
})

it('keeps it in the browser when asked to', () => {
  store().save(credentials, true)
  sessionStorage.clear()
  expect(store().load()).toEqual(credentials)
})

it('forgets a remembered key when the next sign-in does not ask for that', () => {
  store().save(credentials, true)
  store().save(credentials, false)
  expect(JSON.stringify(localStorage)).not.toContain(credentials.key)
})

it('forgets the key on sign-out, and still knows the hub', () => {
  store().save(credentials, true)
  store().clear()
  expect([store().load(), store().hubs()]).toEqual([undefined, ['http://hub.test']])
})

it('knows the last four hubs', () => {
  for (const n of [1, 2, 3, 4, 5, 3]) store().save({ ...credentials, url: `http://${n}.test` }, false)
  expect(store().hubs()).toEqual(['http://3.test', 'http://5.test', 'http://4.test', 'http://2.test'])
})

it('takes nothing from a storage that was tampered with', () => {
  sessionStorage.setItem('telehub.session', '{"url":7}')
  expect(store().load()).toBeUndefined()
})
