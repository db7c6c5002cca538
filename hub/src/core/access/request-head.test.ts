// What the head of a request may and may not say.

import { expect, it } from 'vitest'
import { readBearer, readHead, refuseSecretInUrl } from './request-head.ts'

const code = (act: () => unknown) => {
  try {
    return act() ?? 'nothing'
  } catch (error) {
    return (error as { code: string }).code
  }
}

it('reads one Host and one Origin', () => {
  expect(readHead(['Host', 'a.test', 'ORIGIN', ''])).toEqual({ host: 'a.test', origin: '' })
})

it.each([[[]], [['Host', 'a', 'host', 'a']], [['Host', 'a', 'Origin', 'https://a.test', 'origin', 'https://b.test']]])(
  'refuses %j',
  (rawHeaders) => {
    expect(code(() => readHead(rawHeaders))).toBe('bad-request')
  },
)

it('reads a bearer key', () => {
  expect(readBearer(['authorization', 'bearer th_x'])).toBe('th_x')
  expect(readBearer(['Cookie', 'key=1'])).toBeUndefined()
})

it.each([
  [['Authorization', 'Basic YTpi']],
  [['Authorization', 'Bearer ']],
  [['Authorization', 'Bearer']],
  [['Authorization', '']],
  [['Authorization', 'Bearer a b']],
  [['Authorization', 'Bearer a', 'Authorization', 'Bearer b']],
  [['Authorization', `Bearer ${'a'.repeat(10_000)}`]],
])('refuses %j', (rawHeaders) => {
  expect(code(() => readBearer(rawHeaders))).toBe('bearer-required')
})

it.each([
  '/ws/console?ticket=abc',
  '/api/v1/devices?access_token=x',
  '/x?a=1&API-Key=x',
  `/x?q=th_admin_abcdefghijkl_zzz`,
  '/th%5fadmin%5fabcdefghijkl%5fzzz',
  '/x?%6bey=1',
])('refuses the secret in %s', (url) => expect(code(() => refuseSecretInUrl(url))).toBe('token-in-url'))

it.each(['/api/v1/devices?q=key&tag=a%26key%3D1&limit=5', '/api/v1/devices/th_device_1', '/%'])(
  'sees no secret in %s',
  (url) => {
    expect(code(() => refuseSecretInUrl(url))).toBe('nothing')
  },
)
