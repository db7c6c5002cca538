// Shows how readings fill the little box of a sparkline.

import { expect, it } from 'vitest'
import { createNumberRing } from './ring.ts'
import { sparkRuns } from './sparkline.ts'

const box = { width: 100, height: 20 }

function ringOf(...readings: [at: number, value: number][]) {
  const ring = createNumberRing(16)
  for (const [at, value] of readings) ring.push(at, value)
  return ring
}

it('spans the box from lowest to highest', () => {
  expect(sparkRuns(ringOf([0, 1], [50, 3], [100, 2]), 0, 100, 60, box)).toEqual([[0, 20, 50, 0, 100, 10]])
})

it('starts a new run after a gap', () => {
  expect(sparkRuns(ringOf([0, 1], [100, 2]), 0, 100, 60, box)).toHaveLength(2)
})

it('draws a value that never changes in the middle', () => {
  expect(sparkRuns(ringOf([0, 7], [50, 7]), 0, 100, 60, box)).toEqual([[0, 10, 50, 10]])
})

it('draws nothing of what is older than the window', () => {
  expect(sparkRuns(ringOf([0, 1]), 50, 100, 60, box)).toEqual([])
})
