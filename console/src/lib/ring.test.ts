// Shows what a ring keeps, in which order, and what it drops.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createNumberRing, createStateRing, type Ring } from './ring.ts'

const timesOf = (ring: Ring<unknown>) => Array.from({ length: ring.length }, (_, i) => ring.at(i))

it('drops the oldest reading when it is full', () => {
  const ring = createNumberRing(3)
  for (const at of [1, 2, 3, 4]) ring.push(at, at * 10)
  expect(timesOf(ring)).toEqual([2, 3, 4])
  expect(ring.value(0)).toBe(20)
})

it('puts a late reading in its place', () => {
  const ring = createStateRing<string>(4)
  ring.push(1, 'a')
  ring.push(3, 'c')
  ring.push(2, 'b')
  expect([ring.value(0), ring.value(1), ring.value(2)]).toEqual(['a', 'b', 'c'])
})

it('replaces a reading of the same time, so that a resumed watch repeats nothing', () => {
  const ring = createNumberRing(4)
  ring.push(1, 5)
  ring.push(1, 6)
  expect([ring.length, ring.value(0)]).toEqual([1, 6])
})

it('finds the first reading of a window', () => {
  const ring = createNumberRing(3)
  for (const at of [10, 20, 30, 40]) ring.push(at, at)
  expect([ring.indexAt(0), ring.indexAt(25), ring.indexAt(30), ring.indexAt(41)]).toEqual([0, 1, 1, 3])
})

it('holds the newest readings in order, whatever the order they come in', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 500 }), { maxLength: 60 }), (arrivals) => {
      const ring = createNumberRing(8)
      for (const at of arrivals) ring.push(at, at)
      const held = timesOf(ring)
      expect(held).toEqual([...held].sort((a, b) => a - b))
      expect(held.every((at, i) => ring.value(i) === at)).toBe(true)
      expect(held).toEqual([...arrivals].sort((a, b) => a - b).slice(-8))
    }),
  )
})
