// Shows what the about tab says.

import { expect, it } from 'vitest'
import { aDevice } from '../../test/builders.ts'
import { aboutLink, addressesOf, commandRows, metricRows } from './about.ts'

it('says whether a command would go through', () => {
  const link = (linked: boolean) =>
    aboutLink(aDevice({ presence: { status: 'late', linked, since: 0 } }), 0).find(({ name }) => name === 'Link')
  expect([link(true)?.value, link(false)?.value]).toEqual([
    'open: commands go through now',
    'none: commands cannot be delivered now',
  ])
})

it('lists metrics with unit and range', () => {
  const metrics = {
    temperature: { type: 'number', unit: '°C', min: -20, max: 120, primary: true },
    on: { type: 'boolean' },
  } as const
  expect(metricRows(aDevice({ profile: { metrics } }))).toEqual([
    ['temperature', 'number, primary', '°C', '−20 … 120'],
    ['on', 'boolean', '–', '–'],
  ])
})

it('marks optional parameters and dangerous commands', () => {
  const params = {
    type: 'object' as const,
    required: ['rpm'],
    properties: { rpm: { type: 'integer' as const }, note: { type: 'string' as const } },
  }
  const commands = { set_speed: { params, timeoutMs: 10_000 }, reboot: { dangerous: true } }
  expect(commandRows(aDevice({ profile: { commands } }))).toEqual([
    ['set_speed', 'rpm, note?', '10 s', ''],
    ['reboot', '–', '–', 'dangerous'],
  ])
})

it('gives the addresses of this hub', () => {
  expect(addressesOf('pump-1', 'https://hub.test').at(-1)?.text).toBe('wss://hub.test/ws/device')
})
