// Stories of a thermostat.

import { expect, it } from 'vitest'
import { bench } from './testing.ts'
import { thermostat } from './thermostat.ts'

const numbers = (readings: Record<string, unknown>[], metric: string) =>
  readings.map((values) => Number(values[metric]))

it('keeps its room at the set point by switching the heater', () => {
  const room = bench(thermostat)
  room.order('set_target', { celsius: 20 })
  room.watch(600)

  const readings = room.watch(1_800)

  expect(Math.min(...numbers(readings, 'temperature'))).toBeGreaterThan(19.3)
  expect(Math.max(...numbers(readings, 'temperature'))).toBeLessThan(20.7)
  expect(new Set(readings.map((values) => values.heating))).toEqual(new Set([true, false]))
})

it('warms to a new set point, which shows at once in its readings', () => {
  const room = bench(thermostat)
  const work = room.order('set_target', { celsius: 25 })

  expect(work.progress()).toBe(1)
  expect(work.result()).toEqual({ target: 25, mode: 'heat' })
  expect(room.pass(1_000)).toMatchObject({ target: 25, heating: true })
  expect(room.watch(900).at(-1)?.temperature).toBeGreaterThan(24)
})

it('saves energy in eco and only keeps frost away when off', () => {
  const room = bench(thermostat)
  room.order('set_target', { celsius: 20, mode: 'eco' })
  expect(room.watch(1_800).at(-1)?.temperature).toBeLessThan(17.5)

  room.order('set_target', { celsius: 20, mode: 'off' })
  expect(room.watch(3_600).at(-1)).toMatchObject({ mode: 'off' })
  expect(room.read().temperature).toBeLessThan(12)
})

it('boosts for the minutes it is told, and then no longer', () => {
  const room = bench(thermostat)
  room.order('set_target', { celsius: 20 })
  room.watch(900)
  room.order('boost', { minutes: 10 })

  expect(room.pass(1_000)).toMatchObject({ mode: 'boost', target: 20 })
  expect(room.watch(540).at(-1)?.temperature).toBeGreaterThan(21.3)
  expect(room.watch(120).at(-1)).toMatchObject({ mode: 'heat' })
})

it('does not boost when it is off', () => {
  const room = bench(thermostat)
  room.order('set_target', { celsius: 20, mode: 'off' })

  expect(room.take('boost', { minutes: 5 })).toMatchObject({ refused: { code: 'switched-off' } })
})
