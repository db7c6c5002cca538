// Stories of a pump.

import { expect, it } from 'vitest'
import { pump } from './pump.ts'
import { bench } from './testing.ts'

it('runs up to a new speed in its time, and says how far it is', () => {
  const device = bench(pump)
  device.order('set_speed', { rpm: 0 })
  device.watch(10)

  const work = device.order('set_speed', { rpm: 3_000 })

  expect(work.progress()).toBe(0)
  expect(device.pass(3_000).state).toBe('speeding up')
  expect(work.progress()).toBeCloseTo(0.5, 1)
  expect(device.pass(3_000).state).toBe('running')
  expect(work.progress()).toBe(1)
  expect(work.result()).toEqual({ rpm: 3_000 })
})

it('moves more water at more pressure and gets warmer the faster it turns', () => {
  const device = bench(pump)
  device.order('set_speed', { rpm: 1_000 })
  const slow = device.watch(300).at(-1)
  device.order('set_speed', { rpm: 3_000 })
  const fast = device.watch(300).at(-1)

  expect(Number(fast?.flow)).toBeGreaterThan(2 * Number(slow?.flow))
  expect(Number(fast?.pressure)).toBeGreaterThan(6 * Number(slow?.pressure))
  expect(Number(fast?.temperature)).toBeGreaterThan(Number(slow?.temperature) + 30)
})

it('stands still when it is stopped, and runs as before when it is started', () => {
  const device = bench(pump)
  device.order('set_speed', { rpm: 1_200 })
  device.watch(10)
  const stop = device.order('stop')
  expect(device.watch(20).at(-1)).toMatchObject({ running: false, state: 'stopped', rpm: 0, flow: 0, pressure: 0 })
  expect(stop.progress()).toBe(1)

  device.order('start')
  expect(device.watch(20).at(-1)).toMatchObject({ running: true, state: 'running' })
  expect(device.read().rpm).toBeGreaterThan(1_180)
})

it('refuses a speed while it is stopped', () => {
  const device = bench(pump)
  device.order('stop')

  expect(device.take('set_speed', { rpm: 500 })).toMatchObject({ refused: { code: 'stopped' } })
})

it('ends a command that a later one contradicts', () => {
  const device = bench(pump)
  const first = device.order('set_speed', { rpm: 3_000 })
  device.order('set_speed', { rpm: 100 })

  expect(first.progress()).toMatchObject({ code: 'superseded' })
})

it.each([
  [{ rpm: 4_000 }, 'rpm must be at most 3000.'],
  [{ rpm: -1 }, 'rpm must be at least 0.'],
  [{ rpm: 10.5 }, 'rpm must be a whole number.'],
  [{ rpm: '100' }, 'rpm must be a number.'],
  [{}, 'rpm is missing.'],
])('refuses the parameters %j', (params, message) => {
  expect(bench(pump).take('set_speed', params)).toEqual({ refused: { code: 'bad-params', message } })
})
