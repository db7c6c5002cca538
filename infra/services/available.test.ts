// Shows when a missing server is a skip and when it is a failure.

import { afterEach, expect, it, vi } from 'vitest'
import { available } from './available.ts'

afterEach(() => vi.unstubAllEnvs())

it('says no to a server that is not on the PATH', () => {
  vi.stubEnv('PATH', '/nowhere')
  vi.stubEnv('CI', '')
  expect(available('chromium')).toBe(false)
})

it('fails instead of skipping in CI', () => {
  vi.stubEnv('PATH', '/nowhere')
  vi.stubEnv('CI', 'true')
  expect(() => available('chromium')).toThrow('chromium is not installed')
})
