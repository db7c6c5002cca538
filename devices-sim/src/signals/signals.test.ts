// The building blocks of the models: right for any step, never out of bounds.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lag, ramp } from './approach.ts'
import { clamp, round } from './bounds.ts'
import { daily, hourOf } from './daily.ts'
import { noisy, wander } from './noise.ts'
import { createRandom } from './random.ts'

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const positive = fc.double({ min: 1, max: 1e6, noNaN: true })

describe('a first-order lag', () => {
  it('is 63 % of the way after its time constant', () => {
    expect(lag(0, 100, 5_000, 5_000)).toBeCloseTo(63.2, 1)
  })

  it('is the same in one long step as in many short ones', () => {
    let value = 20
    for (let step = 0; step < 100; step++) value = lag(value, 50, 60_000, 100)

    expect(value).toBeCloseTo(lag(20, 50, 60_000, 10_000), 9)
  })

  it('never passes its target', () => {
    fc.assert(
      fc.property(finite, finite, positive, positive, (from, to, tauMs, stepMs) => {
        const value = lag(from, to, tauMs, stepMs)
        expect(value).toBeGreaterThanOrEqual(Math.min(from, to) - 1e-6)
        expect(value).toBeLessThanOrEqual(Math.max(from, to) + 1e-6)
      }),
    )
  })
})

describe('a ramp', () => {
  it('goes no faster than it may, and stops at its target', () => {
    expect(ramp(0, 1_000, 500, 1_000)).toBe(500)
    expect(ramp(900, 1_000, 500, 1_000)).toBe(1_000)
    expect(ramp(1_000, 0, 500, 500)).toBe(750)
  })
})

describe('noise', () => {
  it('strays from the truth by its deviation', () => {
    const random = createRandom(1)
    const off = Array.from({ length: 10_000 }, () => Math.abs(noisy(20, 0.5, random) - 20))

    expect(Math.max(...off)).toBeLessThan(1.75)
  })

  it('wanders about its mean, as far in long steps as in short ones', () => {
    const spread = (stepMs: number) => {
      const random = createRandom(3)
      let value = 10
      let sum = 0
      for (let step = 0; step < 20_000; step++) {
        value = wander(value, { mean: 10, deviation: 2, tauMs: 5_000 }, stepMs, random)
        sum += (value - 10) ** 2
      }
      return Math.sqrt(sum / 20_000)
    }

    expect(spread(1_000)).toBeCloseTo(2, 0)
    expect(spread(60_000)).toBeCloseTo(2, 0)
  })
})

describe('a day', () => {
  const noon = Date.parse('2026-01-01T12:00:00Z')

  it('is highest at its peak and lowest twelve hours later', () => {
    const curve = { low: 5, high: 15, peakHour: 12 }

    expect(daily(noon, curve)).toBeCloseTo(15, 9)
    expect(daily(noon + 43_200_000, curve)).toBeCloseTo(5, 9)
  })

  it('knows its hour, also before 1970', () => {
    expect(hourOf(noon + 1_800_000)).toBe(12.5)
    expect(hourOf(-3_600_000)).toBe(23)
  })
})

describe('bounds', () => {
  it('keeps a number between the two', () => {
    expect([clamp(-5, 0, 10), clamp(5, 0, 10), clamp(15, 0, 10)]).toEqual([0, 5, 10])
  })

  it('rounds to the digits of an instrument, and never to -0', () => {
    expect(round(21.456, 1)).toBe(21.5)
    expect(Object.is(round(-0.001, 1), 0)).toBe(true)
  })
})
