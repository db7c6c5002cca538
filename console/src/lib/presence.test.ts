// Shows which word and which metric stand for a device.

import { expect, it } from 'vitest'
import { aDevice } from '../../test/builders.ts'
import { chartsOf, lookOf, metricsOf, primaryMetric, titleOf } from './presence.ts'

it('tells a device that has not spoken yet from one that went away', () => {
  expect(lookOf({ presence: { status: 'silent', linked: true, since: 0 } }).word).toBe('no data yet')
  expect(lookOf({ presence: { status: 'offline', linked: false, since: 0, lastSeenAt: 5 } }).word).toBe('offline')
})

it('shows the metric the profile calls primary', () => {
  const metrics = {
    running: { type: 'boolean' },
    flow: { type: 'number' },
    temperature: { type: 'number', primary: true },
  } as const
  expect(primaryMetric(aDevice({ profile: { metrics } }))).toBe('temperature')
})

it('shows the first number when none is primary, with or without a profile', () => {
  expect(primaryMetric(aDevice({ profile: { metrics: { on: { type: 'boolean' }, flow: { type: 'number' } } } }))).toBe(
    'flow',
  )
  expect(primaryMetric(aDevice({ latest: { on: { at: 0, value: true }, flow: { at: 0, value: 2 } } }))).toBe('flow')
})

it('lists metrics the profile does not know after those it does', () => {
  const device = aDevice({
    profile: { metrics: { a: { type: 'boolean' }, b: { type: 'number' } } },
    latest: { c: { at: 0, value: 1 } },
  })
  expect(metricsOf(device)).toEqual(['b', 'a', 'c'])
})

it('prefers the name a person gave', () => {
  expect(titleOf(aDevice({ id: 'pump-1', name: 'Cellar', profile: { name: 'Pump 1' } }))).toBe('Cellar')
  expect(titleOf(aDevice({ id: 'pump-1' }))).toBe('pump-1')
})

it('puts numbers before states and leaves no hole beside a chart', () => {
  const metrics = { on: { type: 'boolean' }, a: { type: 'number' }, b: { type: 'number' } } as const
  expect(chartsOf(aDevice({ profile: { metrics } }))).toEqual([
    { metric: 'a', kind: 'number', wide: false },
    { metric: 'b', kind: 'number', wide: true },
    { metric: 'on', kind: 'state', wide: false },
  ])
})
