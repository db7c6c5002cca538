// Checks when a refused batch is tried again.

import { expect, it } from 'vitest'
import { parseRetryAfter } from './faults.ts'

const now = () => Date.parse('Wed, 21 Oct 2015 07:28:00 GMT')

it('takes the number in Retry-After for seconds', () => {
  expect(parseRetryAfter('30', now)).toBe(30_000)
})

it('takes a date in Retry-After for the time until then', () => {
  expect(parseRetryAfter('Wed, 21 Oct 2015 07:28:30 GMT', now)).toBe(30_000)
  expect(parseRetryAfter('Wed, 21 Oct 2015 07:27:00 GMT', now)).toBe(0)
})

it('ignores a Retry-After that says nothing', () => {
  expect(parseRetryAfter(undefined, now)).toBeUndefined()
  expect(parseRetryAfter('soon', now)).toBeUndefined()
})
