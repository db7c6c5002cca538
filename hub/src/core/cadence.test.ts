import { describe, expect, it } from 'vitest'
import { learn, type Rhythm, statusOf } from './cadence.ts'

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

  const after = (...gaps: number[]) => gaps.reduce<Rhythm | undefined>(learn, undefined)?.everyMs

  it('learns a new rhythm little by little', () => {
    expect(after(1_000, 2_000)).toBe(1_200)
  })

  it('learns nothing from one outage', () => {
    expect(after(...Array(30).fill(1_000), 600_000, 1_000)).toBe(1_000)
  })

  it('learns a faster rhythm that lasts', () => {
    expect(after(60_000, 60_000, ...Array(40).fill(1_000))).toBe(1_000)
  })

  it('learns the pause of a device that reports in bursts', () => {
    expect(after(5, 5, 5, 60_000, 5, 5, 5, 60_000, 5, 5, 5)).toBe(60_000)
  })
})
