// A run without a hub: the same for the same seed, and nothing depends on who else is in the fleet.

import { expect, it } from 'vitest'
import { dryRun } from './dry-run.ts'
import { readOptions } from './options.ts'

const options = (flags: object) =>
  readOptions(
    {
      profile: 'pump,thermostat,meter,freezer',
      transport: 'ws',
      every: '1s',
      jitter: '10%',
      ramp: '100/s',
      batch: '1',
      format: 'json',
      seed: '7',
      start: '2026-01-01T00:00:00Z',
      url: 'http://127.0.0.1:8080',
      mqttUrl: 'mqtt://127.0.0.1:1883',
      hostId: 'host',
      commandDelay: '100ms',
      commandFailure: '0%',
      duration: '1m',
      dryRun: true,
      ...flags,
    },
    {},
    () => undefined,
  )
const run = (flags: object = {}) => [...dryRun(options(flags))]

it('is byte for byte the same for the same seed', () => {
  expect(run({ devices: '20' }).join('')).toBe(run({ devices: '20' }).join(''))
})

it('is another one for another seed', () => {
  expect(run({ seed: '8' }).join('')).not.toBe(run().join(''))
})

it('prints about one report a second and device, oldest first', () => {
  const lines = run().map((line) => JSON.parse(line))
  const times = lines.map(({ at }) => at)

  expect(lines.length).toBeGreaterThan(4 * 55)
  expect(lines.length).toBeLessThan(4 * 65)
  expect(times).toEqual([...times].sort((one, other) => one - other))
  expect(times[0]).toBeGreaterThanOrEqual(Date.parse('2026-01-01T00:00:00Z'))
})

it('gives a device the same readings however many others there are', () => {
  const pump = (lines: string[]) =>
    lines.filter((line) => line.includes('"pump-0001"')).map((line) => JSON.parse(line).values)

  expect(pump(run({ devices: '40', ramp: '100000/s' }))).toEqual(pump(run({ devices: '4', ramp: '100000/s' })))
})
