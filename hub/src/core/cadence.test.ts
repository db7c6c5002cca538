import { describe, expect, it } from 'vitest'
import { learn, statusOf } from './cadence.ts'

const signs = { linked: true, linkLost: false, lastSeenAt: 0, everyMs: 10_000 }

describe('cadence', () => {
  it.each([
    [20_000, 'live'],
    [30_000, 'late'],
    [200_000, 'silent'],
  ])('judges a linked device by its own rhythm: after %i ms it is %s', (age, status) => {
    expect(statusOf(signs, age)).toBe(status)
  })

  it('calls a device without a link offline when it would be silent', () => {
    expect(statusOf({ ...signs, linked: false }, 200_000)).toBe('offline')
  })

  it('calls a device offline at once when its link was lost', () => {
    expect(statusOf({ ...signs, linked: false, linkLost: true }, 1)).toBe('offline')
  })

  it('learns a new rhythm, and nothing from an outage', () => {
    expect([learn(undefined, 1_000), learn(1_000, 2_000), learn(1_000, 600_000)]).toEqual([1_000, 1_200, 1_000])
  })
})
