// F09: a bit of a file flips while the hub is off. It is noticed and told, what can be kept is kept, nothing is silent.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHistory, type History } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { startLoad } from './load/load.ts'
import { wsSender } from './load/ws.ts'
import { answer, keepAndConfirm, type PlayingInflux, startPlayingInflux } from './playing-influx.ts'
import { randomOf } from './seed.ts'
import { expectKept, verdictOf } from './verdict.ts'

const headerBytes = 64
/** The least budget there is makes segments of 128 KiB. */
const smallSegments = { JOURNAL_MAX_BYTES: String(1024 * 1024) }

let influx: PlayingInflux
let hub: HubUnderTest
let history: History
beforeEach(async () => {
  influx = await startPlayingInflux()
  hub = await startHubProcess({ environment: { ...influx.environment, ...smallSegments } })
  history = createHistory()
})
afterEach(async () => {
  await hub.stop()
  await influx.close()
})

/** `messages` acknowledged, none of them in the store, and the hub killed. */
async function fillJournal(messages: number) {
  influx.behave(answer(503))
  await report(messages)
  await hub.kill()
}

async function report(messages: number) {
  const plan = { device: `pump-${history.acknowledged}`, via: 'ws' as const, open: wsSender(hub), textBytes: 300 }
  const load = startLoad([plan], { history, random: randomOf('F09') })
  const { acknowledged } = history
  await history.until((now) => now.acknowledged >= acknowledged + messages)
  await load.stop()
}

const segments = () => {
  const dir = join(hub.dataDir, 'journal')
  const names = readdirSync(dir).filter((name) => name.endsWith('.segment'))
  return names.sort().map((name) => join(dir, name))
}

/** `at`: from the start, or with a minus from the end. */
function flipBit(file: string | undefined, at: number) {
  const bytes = readFileSync(String(file))
  const place = at < 0 ? bytes.length + at : at
  bytes[place] = (bytes[place] as number) ^ 0b0000_0100
  writeFileSync(String(file), bytes)
}

/** The hub drains what it can read; everything else must be in `expired`, and an error must have said so. It takes readings again. */
async function expectToldAndCounted() {
  influx.behave(keepAndConfirm)
  await hub.restart()
  await hub.settled()
  const { counts, violations, tally } = await verdictOf(hub, history, { found: influx.held() })
  const lost = violations.filter(({ kind }) => kind === 'lost').length
  expect(lost).toBeGreaterThan(0)
  expect(lost).toBeLessThan(tally.acknowledged / 4)
  expect(errorsIn(hub.output())).toContain('journal damaged: readings are missing')
  expect(readdirSync(join(hub.dataDir, 'journal', 'quarantine'))).toHaveLength(1)
  const { acknowledged } = history
  await report(50)
  expect(history.acknowledged).toBeGreaterThanOrEqual(acknowledged + 50)
  return { lost, counts, others: violations.filter(({ kind }) => kind !== 'lost') }
}

function errorsIn(output: string): string[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{"level":50'))
  return lines.map((line) => JSON.parse(line).msg)
}

it('F09 a bit flips in an old segment: its record is put aside, reported and counted, all others are stored', async () => {
  await fillJournal(600)
  flipBit(segments()[0], headerBytes + 5_000)
  const { lost, counts, others } = await expectToldAndCounted()
  expect(others).toEqual([])
  expect(counts.expired).toBe(lost)
})

it('F09 a bit flips in the last record: it is put aside and reported, and whoever knew the journal sees another epoch', async () => {
  await fillJournal(600)
  const before = lastEpoch()
  flipBit(segments().at(-1), -3)
  await expectToldAndCounted()
  await hub.kill()
  expect(lastEpoch()).not.toBe(before)
})

it('F09 a bit flips in the position file: the whole journal is written again, and the store has everything once', async () => {
  await report(300)
  await hub.settled()
  influx.behave(answer(503))
  await report(100)
  await hub.kill()
  flipBit(join(hub.dataDir, 'influx.mark'), 30)
  influx.behave(keepAndConfirm)
  await hub.restart()
  await hub.settled()
  expect(errorsIn(hub.output()).join()).toContain('mark file is damaged')
  await expectKept(hub, history, { found: influx.held(), atLeast: 400 })
})

/** The epoch that the newest segment names in its header. */
const lastEpoch = () => readFileSync(String(segments().at(-1))).toString('latin1', 32, 56)
