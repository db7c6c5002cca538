// Checks that escaping alone would hold, whatever a name is made of.

import { expect, it } from 'vitest'
import { everyMs, identifier, limit, ofDevice, text, within } from './influxql.ts'

it('keeps an identifier in its quotes', () => {
  expect(identifier('a"; DROP MEASUREMENT "telemetry\\')).toBe('"a\\"; DROP MEASUREMENT \\"telemetry\\\\"')
  expect(identifier('two\nlines')).toBe('"two\\nlines"')
})

it('keeps a text in its quotes', () => {
  expect(text("1'; DROP MEASUREMENT telemetry --\\")).toBe("'1\\'; DROP MEASUREMENT telemetry --\\\\'")
})

it('asks for a device by the name it was written with', () => {
  expect(ofDevice("1'; --")).toBe("device = '1%27;%20--'")
})

it('asks for a half-open range that InfluxDB can count to', () => {
  expect(within({ from: 1.5, to: 20 })).toBe('time >= 1ms AND time < 20ms')
  expect(within({ from: Number.NEGATIVE_INFINITY, to: 8.64e15 })).toBe(
    'time >= -9223372036854ms AND time < 9223372036854ms',
  )
})

it('writes durations and limits as whole numbers', () => {
  expect(everyMs(10_000)).toBe('GROUP BY time(10000ms) fill(none)')
  expect(limit(7)).toBe('LIMIT 7')
})
