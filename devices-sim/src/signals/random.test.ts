// The seeded generator: repeatable, even, and one stream never disturbs another.

import { describe, expect, it } from 'vitest'
import { createRandom } from './random.ts'

const draw = (count: number, next: () => number) => Array.from({ length: count }, next)

describe('a seeded generator', () => {
  it('gives the numbers that it has always given for a seed', () => {
    const random = createRandom(42)

    expect(draw(4, random.next)).toEqual([
      0.5698703853413463, 0.019467360340058804, 0.3378040043171495, 0.7414021359290928,
    ])
  })

  it('gives different numbers for different seeds', () => {
    expect(draw(4, createRandom(1).next)).not.toEqual(draw(4, createRandom(2).next))
  })

  it('is even over its range', () => {
    const random = createRandom(7)
    const tenths = new Array<number>(10).fill(0)
    for (const value of draw(100_000, random.next)) tenths[Math.floor(value * 10)]! += 1

    expect(Math.min(...tenths)).toBeGreaterThan(9_600)
    expect(Math.max(...tenths)).toBeLessThan(10_400)
  })

  it('has normal numbers of mean 0 and deviation 1, none of them wild', () => {
    const values = draw(100_000, createRandom(7).normal)
    const mean = values.reduce((sum, value) => sum + value) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length

    expect(mean).toBeCloseTo(0, 1)
    expect(variance).toBeCloseTo(1, 1)
    expect(Math.max(...values.map(Math.abs))).toBeLessThan(3.5)
  })

  it('forks streams that do not depend on what was drawn before', () => {
    const fresh = createRandom(42).fork('model')
    const used = createRandom(42)
    used.next()

    expect(draw(3, used.fork('model').next)).toEqual(draw(3, fresh.next))
    expect(draw(3, createRandom(42).fork('pace').next)).not.toEqual(draw(3, createRandom(42).fork('model').next))
  })
})
