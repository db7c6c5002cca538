// Shows that the first-run commands name the hub that is looked at, and no key.

import { expect, it } from 'vitest'
import { startCommands } from './start-commands.ts'

it('names this hub and the file of the key', () => {
  const [, mqtt, http] = startCommands('http://hub.test:8080')
  expect(mqtt?.command).toContain('-h hub.test ')
  expect(http?.command).toContain('curl http://hub.test:8080/api/v1/readings')
  expect(`${mqtt?.command}${http?.command}`).not.toMatch(/th_[a-z]+_/)
})
