// The timer wheel: everything once, in order, never early.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createWheel } from './wheel.ts'

describe('a timer wheel', () => {
  it('runs what is due, in the order it is due, and nothing that is not', () => {
    const wheel = createWheel()
    const ran: string[] = []
    wheel.at(30, () => ran.push('third'))
    wheel.at(10, () => ran.push('first'))
    wheel.at(10.5, () => ran.push('second'))
    wheel.at(31, () => ran.push('later'))

    wheel.turn(30)

    expect(ran).toEqual(['first', 'second', 'third'])
  })

  it('says while something runs when that was due, however late the turn', () => {
    const wheel = createWheel()
    const seen: number[] = []
    const beat = () => {
      seen.push(wheel.now())
      wheel.after(1_000, beat)
    }
    wheel.after(1_000, beat)

    wheel.turn(3_500)

    expect(seen).toEqual([1_000, 2_000, 3_000])
    expect(wheel.now()).toBe(3_500)
  })

  it('forgets what was cancelled', () => {
    const wheel = createWheel()
    let runs = 0
    const cancel = wheel.at(10, () => {
      runs += 1
    })

    cancel()
    wheel.turn(20)

    expect(runs).toBe(0)
  })

  it('runs what lies in the past at the next turn', () => {
    const wheel = createWheel()
    wheel.turn(5_000)
    let ranAt = 0
    wheel.at(1_000, () => {
      ranAt = wheel.now()
    })

    wheel.turn(5_001)

    expect(ranAt).toBe(5_000)
  })

  it('tells when something came in that is due before what it last promised', () => {
    const wheel = createWheel()
    let told = 0
    wheel.at(1_000, () => {})
    expect(wheel.next()).toBe(1_000)
    wheel.onSooner(() => {
      told += 1
    })

    wheel.at(2_000, () => {})
    expect(told).toBe(0)
    wheel.at(500, () => {})

    expect(told).toBe(1)
  })

  it('measures from its clock between turns', () => {
    let now = 0
    const wheel = createWheel({ clock: () => now })
    now = 4_000
    wheel.after(100, () => {})

    expect(wheel.next()).toBe(4_100)
  })

  it('agrees with a sorted list, over many revolutions and whatever the turns', () => {
    const waits = fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 60 })
    const turns = fc.array(fc.double({ min: 1, max: 30_000, noNaN: true }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(waits, turns, (dues, steps) => {
        const wheel = createWheel()
        const ran: number[] = []
        for (const due of dues) wheel.at(due, () => ran.push(due))
        const sorted = [...dues].sort((one, other) => one - other)

        let to = 0
        for (const step of steps) {
          to += step
          const next = wheel.next()
          expect(next).toBe(sorted[ran.length])
          wheel.turn(to)
          expect(ran).toEqual(sorted.filter((due) => due <= to))
        }
      }),
    )
  })
})
