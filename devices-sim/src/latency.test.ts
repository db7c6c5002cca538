// Percentiles without a list.

import { expect, it } from 'vitest'
import { createLatency } from './latency.ts'

it('knows percentiles to about 5 %, of one value or of many', () => {
  const latency = createLatency()
  for (let ms = 1; ms <= 1_000; ms++) latency.add(ms)

  expect(latency.percentile(0.5)! / 500).toBeCloseTo(1, 1)
  expect(latency.percentile(0.99)! / 990).toBeCloseTo(1, 1)
  expect(latency.max()).toBe(1_000)
})

it('never says more than it saw, and nothing when it saw nothing', () => {
  const latency = createLatency()
  expect(latency.percentile(0.5)).toBeUndefined()
  latency.add(3)
  expect(latency.percentile(0.99)).toBeCloseTo(3, 0)
  expect(latency.percentile(0.99)).toBeLessThanOrEqual(3)
})

it('takes an hour as well as nothing', () => {
  const latency = createLatency()
  latency.add(0)
  latency.add(10 * 3_600_000)

  expect(latency.percentile(0.5)).toBeCloseTo(0.1, 1)
  expect(latency.max()).toBe(36_000_000)
})
