// Stories of a freezer.

import { expect, it } from 'vitest'
import { freezer } from './freezer.ts'
import { bench } from './testing.ts'

/** Someone opens the door of a freezer now and then without being asked; with this seed not within the story. */
const quietSeed = 4

it('keeps its cold by switching its compressor', () => {
  const device = bench(freezer, quietSeed)
  device.order('set_target', { celsius: -20 })
  device.watch(300)

  const readings = device.watch(600).filter(({ door }) => !door)

  expect(Math.abs(Number(readings.at(-1)?.temperature) + 20)).toBeLessThan(4)
  expect(new Set(readings.map(({ compressor }) => compressor))).toEqual(new Set([true, false]))
})

it('warms while its door is open, and the door falls shut', () => {
  const device = bench(freezer, quietSeed)
  const before = Number(device.read().temperature)
  device.order('open_door', { seconds: 30 })

  const open = device.watch(25).at(-1)
  const shut = device.watch(10).at(-1)

  expect(open).toMatchObject({ door: true, state: 'door open' })
  expect(Number(open?.temperature)).toBeGreaterThan(before + 4)
  expect(shut?.door).toBe(false)
})

it('cools to a new set point', () => {
  const device = bench(freezer, quietSeed)
  device.order('set_target', { celsius: -28 })

  expect(device.pass(1_000)).toMatchObject({ target: -28, compressor: true })
  expect(device.watch(600).at(-1)?.temperature).toBeLessThan(-25)
})

it('defrosts step by step, which melts the ice and warms it a little', () => {
  const device = bench(freezer, quietSeed)
  const before = device.read()
  const work = device.order('defrost')

  expect(device.pass(15_000)).toMatchObject({ state: 'defrosting', compressor: false })
  expect(work.progress()).toBeCloseTo(0.5, 9)
  const after = device.pass(15_000)

  expect(work.progress()).toBe(1)
  expect(Number(after.ice)).toBeLessThan(Number(before.ice) / 10)
  expect(Number(after.temperature)).toBeGreaterThan(Number(before.temperature))
  expect(work.result()).toEqual({ celsius: expect.any(Number) })
})

it('does not defrost with its door open, nor twice at once', () => {
  const device = bench(freezer, quietSeed)
  device.order('open_door', { seconds: 5 })
  expect(device.take('defrost', {})).toMatchObject({ refused: { code: 'door-open' } })

  device.pass(6_000)
  device.order('defrost')
  expect(device.take('defrost', {})).toMatchObject({ refused: { code: 'busy' } })
})

it('gives defrosting up when someone opens the door', () => {
  const device = bench(freezer, quietSeed)
  const work = device.order('defrost')
  device.pass(5_000)
  device.order('open_door', { seconds: 10 })
  device.pass(1_000)

  expect(work.progress()).toMatchObject({ code: 'door-open' })
})
