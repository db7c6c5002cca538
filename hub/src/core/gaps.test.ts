// Gaps: cut to the range, cut by readings that came after all, one reason at a time.

import { describe, expect, it } from 'vitest'
import { gapsWithin } from './gaps.ts'

const range = { from: 100, to: 1_000 }
const offline = (from: number, to?: number) => ({ device: 'pump-1', reason: 'device-offline' as const, from, to })
const hubDown = (from: number, to: number) => ({ reason: 'hub-down' as const, from, to })

describe('gaps', () => {
  it('are cut to the range, and go to its end while they last', () => {
    const kept = [offline(0, 200), offline(900)]
    expect(gapsWithin(range, { kept, covered: [], leastMs: 1 })).toEqual([
      { from: 100, to: 200, reason: 'device-offline' },
      { from: 900, to: 1_000, reason: 'device-offline' },
    ])
  })

  it('give one reason for a time: a hub that is down explains a device that is not heard', () => {
    const kept = [offline(200, 600), hubDown(300, 400)]
    expect(gapsWithin(range, { kept, covered: [], leastMs: 1 })).toEqual([
      { from: 200, to: 300, reason: 'device-offline' },
      { from: 300, to: 400, reason: 'hub-down' },
      { from: 400, to: 600, reason: 'device-offline' },
    ])
  })

  it('end where readings are, which the device may have sent later', () => {
    const covered = [
      { from: 100, to: 210 },
      { from: 300, to: 301 },
      { from: 305, to: 306 },
      { from: 500, to: 600 },
    ]
    expect(gapsWithin(range, { kept: [offline(200, 600)], covered, leastMs: 10 })).toEqual([
      { from: 210, to: 300, reason: 'device-offline' },
      { from: 306, to: 500, reason: 'device-offline' },
    ])
  })

  it('are none where every moment has its readings', () => {
    const covered = Array.from({ length: 90 }, (_, i) => ({ from: 100 + i * 10, to: 101 + i * 10 }))
    expect(gapsWithin(range, { kept: [offline(0)], covered, leastMs: 25 })).toEqual([])
  })

  it('name a single dropped reading, however short', () => {
    const dropped = { device: 'pump-1', reason: 'dropped' as const, from: 500, to: 501 }
    expect(gapsWithin(range, { kept: [dropped], covered: [], leastMs: 100 })).toEqual([
      { from: 500, to: 501, reason: 'dropped' },
    ])
  })
})
