// Guessing gets slow, and only for the one who guesses.

import { expect, it } from 'vitest'
import { createFailedTries } from './failed-tries.ts'

it('makes a pair of address and user wait longer with each further failure, until it succeeds', () => {
  let now = 0
  const tries = createFailedTries({ clock: { monotonic: () => now } })
  for (let n = 0; n < 4; n++) tries.failed('10.0.0.1', 'pump-1')
  expect(tries.mayTry('10.0.0.1', 'pump-1')).toBe(true)

  tries.failed('10.0.0.1', 'pump-1')
  expect(tries.mayTry('10.0.0.1', 'pump-1')).toBe(false)
  expect(tries.mayTry('10.0.0.1', 'pump-2')).toBe(true)
  expect(tries.mayTry('10.0.0.2', 'pump-1')).toBe(true)
  now += 1_000
  expect(tries.mayTry('10.0.0.1', 'pump-1')).toBe(true)

  for (let n = 0; n < 20; n++) tries.failed('10.0.0.1', 'pump-1')
  now += 59_000
  expect(tries.mayTry('10.0.0.1', 'pump-1')).toBe(false)
  now += 1_000
  expect(tries.mayTry('10.0.0.1', 'pump-1')).toBe(true)
  tries.succeeded('10.0.0.1', 'pump-1')
  tries.failed('10.0.0.1', 'pump-1')
  expect(tries.mayTry('10.0.0.1', 'pump-1')).toBe(true)
})
