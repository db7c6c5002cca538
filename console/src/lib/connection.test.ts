// Shows what the pill and the banner say in each state of the connection.

import { expect, it } from 'vitest'
import { bannerOf, connectionLook, diagnosticsText } from './connection.ts'

const waited = { lastsMs: 0, wasLive: true }

it('counts down to the next try', () => {
  const state = { kind: 'reconnecting', attempt: 2, retryAt: 5_000, reason: 'closed' } as const
  expect(connectionLook(state, 1_200).more).toBe('in 4 s')
  expect(bannerOf(state, 1_200, waited)?.countdown).toBe('Try 3 in 4 s.')
  expect(bannerOf(state, 6_000, waited)?.countdown).toBe('Try 3 now.')
})

it('tells a hub that was lost from one that was never reached', () => {
  const state = { kind: 'reconnecting', attempt: 1, retryAt: 0, reason: 'closed' } as const
  expect(bannerOf(state, 0, waited)?.text).toBe('The connection to the hub is lost.')
  expect(bannerOf(state, 0, { ...waited, wasLive: false })?.text).toBe('The hub cannot be reached.')
})

it('does not complain about a first attempt for ten seconds', () => {
  expect(bannerOf({ kind: 'connecting' }, 0, { ...waited, lastsMs: 9_999 })).toBeUndefined()
  expect(bannerOf({ kind: 'connecting' }, 0, { ...waited, lastsMs: 10_000 })?.action).toBe('checks')
})

it('says nothing while all is well', () => {
  expect(bannerOf({ kind: 'live', since: 0 }, 0, waited)).toBeUndefined()
})

it('offers what helps', () => {
  expect(bannerOf({ kind: 'unauthorised', detail: 'revoked' }, 0, waited)?.action).toBe('sign-in')
  expect(bannerOf({ kind: 'origin-refused', detail: 'no' }, 0, waited)?.action).toBe('checks')
  expect(bannerOf({ kind: 'version-mismatch', detail: 'v2' }, 0, waited)?.action).toBe('reload')
})

it('reports without a secret', () => {
  const text = diagnosticsText({
    url: 'http://hub.test',
    state: { kind: 'live', since: 0 },
    protocol: 'telehub.v1.json',
    role: 'operator',
    roundTripMs: 3,
    clockOffsetMs: 12.4,
    messagesPerSecond: 42,
    page: 'http://console.test',
    agent: 'test',
    at: 0,
  })
  expect(text).toContain('round trip     3 ms\nclock offset   12 ms\nmessages       42/s')
})
