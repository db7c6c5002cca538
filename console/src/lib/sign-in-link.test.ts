// Shows which links and hub addresses are understood.

import { expect, it } from 'vitest'
import { hasKey, hubUrl, readSignInLink } from './sign-in-link.ts'

it('reads hub and key from the fragment', () => {
  expect(readSignInLink('#hub=http://127.0.0.1:8080&key=th_admin_a_b')).toEqual({
    url: 'http://127.0.0.1:8080',
    key: 'th_admin_a_b',
  })
})

it('takes nothing from a link without both', () => {
  for (const fragment of ['', '#', '#hub=http://a.test', '#key=th_admin_a_b', '#hub=javascript:alert(1)&key=k']) {
    expect(readSignInLink(fragment)).toBeUndefined()
  }
})

it('sees a key also in a link that is no good', () => {
  expect(['#hub=nonsense&key=th_admin_a_b', '#key=x', '#section'].map(hasKey)).toEqual([true, true, false])
})

it('makes an address out of what people type', () => {
  expect(['localhost:8080', ' https://hub.example.com/ ', 'https://x.test/telehub/'].map(hubUrl)).toEqual([
    'http://localhost:8080',
    'https://hub.example.com',
    'https://x.test',
  ])
})

it('refuses what is no address of a hub', () => {
  expect(['', 'ftp://x', 'http://', 'http://me:secret@x.test'].map(hubUrl)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})
