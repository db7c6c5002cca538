// Stories of a meter.

import { expect, it } from 'vitest'
import { createRandom } from '../signals/random.ts'
import { meter } from './meter.ts'
import { bench } from './testing.ts'

it('only ever counts up', () => {
  const energies = bench(meter)
    .watch(3_600)
    .map(({ energy }) => Number(energy))

  expect(energies).toEqual([...energies].sort((one, other) => one - other))
  expect(energies.at(-1)).toBeGreaterThan(energies[0]!)
})

it('counts what its power adds up to', () => {
  const device = bench(meter)
  const before = Number(device.read().energy)
  const readings = device.watch(3_600)
  const kilowattHours = readings.reduce((sum, { power }) => sum + Number(power), 0) / 3_600_000

  expect(Number(device.read().energy) - before).toBeCloseTo(kilowattHours, 2)
})

it('needs more in the evening than before sunrise, as households do', () => {
  const meanAt = (hour: string) => {
    const machine = meter.create(createRandom(5))
    const from = Date.parse(`2026-01-01T${hour}:00Z`)
    let sum = 0
    for (let second = 1; second <= 3_600; second++) {
      machine.advance(1_000, from + second * 1_000)
      sum += Number(machine.read().power)
    }
    return sum / 3_600
  }

  expect(meanAt('18:00')).toBeGreaterThan(meanAt('05:00') + 300)
})

it('refuses to be reset', () => {
  expect(bench(meter).take('reset', {})).toMatchObject({ refused: { code: 'sealed' } })
})

it('blinks its lamp for as long as it is told', () => {
  const device = bench(meter)
  const work = device.order('identify', { seconds: 4 })

  expect(device.pass(1_000).identifying).toBe(true)
  expect(work.progress()).toBeCloseTo(0.25, 9)
  expect(device.pass(3_000).identifying).toBe(false)
  expect(work.progress()).toBe(1)
})
