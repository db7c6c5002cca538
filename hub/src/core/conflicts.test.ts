import { expect, it } from 'vitest'
import { batchOf } from '../../test/memory-parts.ts'
import { conflictsOf } from './conflicts.ts'

it.each([
  ['a newer reading', [[11, 5]], 0],
  ['the same reading again', [[10, 1]], 0],
  ['another value for the newest time', [[10, 2]], 1],
  [
    'two values for one time in one message',
    [
      [11, 5],
      [11, 6],
    ],
    1,
  ],
  ['a late reading, of which nothing is known', [[9, 5]], 0],
] as const)('%s', (_, readings, conflicts) => {
  const batch = batchOf(
    'a',
    readings.map(([at]) => at),
    readings.map(([, value]) => value),
  )
  expect(conflictsOf(batch, new Map([['temperature', { at: 10, value: 1 }]]))).toBe(conflicts)
})
