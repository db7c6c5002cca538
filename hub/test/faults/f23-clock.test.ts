// F23: the wall clock jumps an hour back, or more than a year ahead, while the hub runs.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { freePort } from '../../../infra/services/free-port.ts'
import { readConfig } from '../../src/config.ts'
import { type Hub, startHub } from '../../src/hub.ts'
import type { Command } from '../../src/protocol/index.ts'
import { createHeardLog, eventually } from '../running-hub.ts'
import { openDevice } from '../wire-socket.ts'
import { createHistory } from './history.ts'
import { startLoad } from './load/load.ts'
import { wsSender } from './load/ws.ts'
import { createQuestions, type Questions } from './questions.ts'
import { randomOf } from './seed.ts'
import { createSteppingClock, type SteppingClock } from './stepping-clock.ts'
import { expectKept, verdictOf } from './verdict.ts'

const hourMs = 3_600_000
const steps: [words: string, ms: number][] = [
  ['an hour back', -hourMs],
  ['400 days ahead', 400 * 24 * hourMs],
]

let dataDir: string
let hub: Hub & Questions & { key(kind: 'admin' | 'gateway'): string }
let clock: SteppingClock
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'telehub-clock-'))
  clock = createSteppingClock()
  const TELEHUB_PORT = String(await freePort())
  const config = readConfig({ TELEHUB_DATA_DIR: dataDir, TELEHUB_PORT, TELEHUB_MQTT_PORT: '0' })
  const started = await startHub(config, { clock, log: createHeardLog() })
  const key = (kind: 'admin' | 'gateway') => readFileSync(join(dataDir, 'keys', `${kind}.key`), 'utf8').trim()
  hub = { ...started, key, ...createQuestions({ url: started.url, key }) }
})
afterEach(async () => {
  await hub.close()
  rmSync(dataDir, { recursive: true })
})

/** Readings of the last minute by the hub's clock, until 500 messages are acknowledged. */
async function report(device: string) {
  const history = createHistory()
  const plan = { device, via: 'ws' as const, open: wsSender(hub), firstAt: clock.now() - 60_000 }
  const load = startLoad([plan], { history, random: randomOf(device) })
  await history.until(({ acknowledged }) => acknowledged >= 500)
  await load.stop()
  return history
}

async function timersIn(ms: number): Promise<number> {
  const before = clock.runs
  const until = performance.now() + ms
  await eventually(() => performance.now() > until)
  return clock.runs - before
}

it.each(steps)('F23 the clock jumps %s: readings are kept, and there is no storm of timers', async (_words, ms) => {
  await expectKept(hub, await report('before'), { atLeast: 500 })
  const usual = await timersIn(1_000)
  clock.step(ms)
  const afterwards = await timersIn(2_000)
  expect(afterwards).toBeLessThan(usual * 4 + 20)

  const { violations, counts } = await verdictOf(hub, await report('after'))
  // What was there before counts, too; and 400 days later it may be gone, being older than the hub keeps readings.
  expect(violations.filter(({ kind }) => kind !== 'accounting')).toEqual([])
  expect(counts.accepted).toBe(counts.stored + counts.pending + counts.deadLetter + counts.expired)
})

it.each(steps)('F23 the clock jumps %s: a command without an answer is given up in its time', async (_words, ms) => {
  const profile = { type: 'pump', metrics: {}, commands: { reboot: { timeoutMs: 1_000 } } }
  const device = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { profile })
  const { id } = (await hub.ask<Command>('/devices/pump-1/commands', { name: 'reboot' })) as Command
  await device.next('command')
  clock.step(ms)
  const state = async () => (await hub.ask<Command>(`/commands/${id}`))?.state
  await eventually(async () => (await state()) === 'timed-out', 6_000)
  device.close()
})
