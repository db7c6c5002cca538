// Shows which lines of a process reach the terminal.

import { expect, it } from 'vitest'
import { present } from './present.mjs'

const event = (fields: object) => JSON.stringify({ time: 1, pid: 2, hostname: 'h', ...fields })

it('keeps what is going well off the terminal', () => {
  expect(present('hub', event({ level: 30, msg: 'listening', port: 8080 }), 'stdout')).toBeUndefined()
  expect(present('hub', 'plain words', 'stdout')).toBeUndefined()
})

it('shows warnings and errors with their fields', () => {
  expect(present('hub', event({ level: 40, msg: 'store unreachable', buffered: 7 }), 'stdout')).toBe(
    'hub: warn: store unreachable  buffered=7',
  )
  expect(present('hub', event({ level: 50, msg: 'disk', error: { message: 'ENOSPC', stack: '…' } }), 'stdout')).toBe(
    'hub: error: disk  error=ENOSPC',
  )
})

it('shows what is no event when it was said on stderr', () => {
  expect(present('hub', 'The hub is not configured:', 'stderr')).toBe('hub: The hub is not configured:')
  expect(present('hub', '{"half', 'stderr')).toBe('hub: {"half')
  expect(present('hub', '', 'stderr')).toBeUndefined()
})
