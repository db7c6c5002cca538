// `telehub tail` against a whole hub: live readings, one line each.

import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestHub, type TestHub } from '../../test/running-hub.ts'
import { createRequest } from '../client/http.ts'
import { run } from './run.ts'
import { terminalOn } from './terminal.ts'

let hub: TestHub
beforeAll(async () => {
  hub = await startTestHub()
})
afterAll(() => hub.stop())

const keyFile = (kind: string) => join(hub.dataDir, 'keys', `${kind}.key`)

it('prints what arrives, and ends after as many lines as asked for', async () => {
  const ingest = createRequest(hub.url, hub.key('gateway'))
  const report = (t: number) =>
    ingest('POST', '/readings', { device: 'pump-1', readings: [{ values: { t, note: 'a\u0007b' } }] })
  await report(1)
  const lines: string[] = []
  const terminal = terminalOn(
    (text) => lines.push(text),
    (text) => {
      if (text.includes('following')) void report(2).then(() => report(3))
    },
  )

  const code = await run(
    ['tail', 'pump-1', '--json', '--count', '2', '--url', hub.url, '--key-file', keyFile('admin')],
    terminal,
  )

  expect(code).toBe(0)
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { device: 'pump-1', values: { t: 2 } },
    { device: 'pump-1', values: { t: 3 } },
  ])
})

it('ends with 4 when the key is for sending', async () => {
  const terminal = terminalOn(
    () => {},
    () => {},
  )
  expect(await run(['tail', '--url', hub.url, '--key-file', keyFile('gateway')], terminal)).toBe(4)
})
