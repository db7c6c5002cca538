// Who is in a fleet.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planFleet, share } from './plan.ts'

const weighted = (weights: Record<string, number>) =>
  Object.entries(weights).map(([name, weight]) => ({ name, weight }))
const ws = [{ name: 'ws' as const, weight: 1 }]
const plan = (devices: number, profiles: Record<string, number>, more = {}) =>
  planFleet({ devices, profiles: weighted(profiles), transports: ws, rampPerSecond: 100, hostId: 'host', ...more })

describe('a fleet', () => {
  it('is one host and five others for the mix of npm start', () => {
    const places = plan(6, { host: 1, pump: 2, thermostat: 1, meter: 1, freezer: 1 })

    expect(places.map(({ id }) => id).sort()).toEqual([
      'freezer-0001',
      'host',
      'meter-0001',
      'pump-0001',
      'pump-0002',
      'thermostat-0001',
    ])
  })

  it('has at most one host, however many devices', () => {
    const places = plan(50, { host: 3, pump: 1 })

    expect(places).toHaveLength(50)
    expect(places.filter(({ profile }) => profile === 'host')).toHaveLength(1)
  })

  it('numbers each profile on its own, and spreads tags', () => {
    expect(plan(4, { pump: 1, meter: 1 })).toMatchObject([
      { id: 'pump-0001', name: 'Pump 1', tags: ['hall-1'] },
      { id: 'meter-0001', name: 'Meter 1', tags: ['hall-1'] },
      { id: 'pump-0002', name: 'Pump 2', tags: ['hall-2'] },
      { id: 'meter-0002', name: 'Meter 2', tags: ['hall-2'] },
    ])
  })

  it('starts its devices one after the other', () => {
    expect(plan(3, { pump: 1 }, { rampPerSecond: 2 }).map(({ startMs }) => startMs)).toEqual([0, 500, 1_000])
  })

  it('shares out its transports by weight, among all profiles', () => {
    const transports = weighted({ ws: 80, mqtt: 20 })
    const places = plan(100, { pump: 1, meter: 1 }, { transports })
    const overMqtt = places.filter(({ transport }) => transport === 'mqtt')

    expect(overMqtt).toHaveLength(20)
    expect(new Set(overMqtt.map(({ profile }) => profile))).toEqual(new Set(['pump', 'meter']))
  })
})

describe('sharing by weight', () => {
  it('is never more than one away from the exact share', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(weights, fc.integer({ min: 0, max: 200 }), (given, count) => {
        const choices = given.map((weight, index) => ({ name: `p${index}`, weight }))
        const total = given.reduce((sum, weight) => sum + weight)
        const chosen = share(count, choices)

        expect(chosen).toHaveLength(count)
        for (const { name, weight } of choices) {
          const exact = (count * weight) / total
          expect(Math.abs(chosen.filter((one) => one === name).length - exact)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })
})
