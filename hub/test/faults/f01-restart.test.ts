// F01: after kill -9 a hub is back soon, however much its journal holds: within two seconds a GiB.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { openJournal } from '../../src/adapters/journal/journal.ts'
import { quiet, realClock } from '../contract/surroundings.ts'
import { createHistory } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { startLoad } from './load/load.ts'
import { wsSender } from './load/ws.ts'
import { type PlayingInflux, startPlayingInflux } from './playing-influx.ts'
import { randomOf, size } from './seed.ts'

const gibibyte = 1024 ** 3
const journalBytes = size({ fast: gibibyte / 16, long: gibibyte })
/** However short the journal is, memory is filled from its end. */
const allowedMs = 2_000

let influx: PlayingInflux
let hub: HubUnderTest
afterEach(async () => {
  await hub.stop()
  await influx.close()
})

/** Messages of ten readings of one of a hundred devices, appended as fast as it goes. */
async function fillJournal(dir: string) {
  const journal = await openJournal({ dir, maxBytes: 4 * gibibyte, clock: realClock, log: quiet })
  const startedAt = Date.now() - 3_600_000
  let seq = 0
  const appendMany = async () => {
    while (journal.stats().bytes < journalBytes) {
      const n = seq++
      const at = Array.from({ length: 10 }, (_, i) => startedAt + n + i)
      const common = { device: `pump-${n % 100}`, receivedAt: startedAt + n, stream: `s${n % 100}`, seq: n }
      await journal.append({ ...common, at, metrics: ['n'], columns: [at.map((_, i) => n + i / 7)], count: 10 })
    }
  }
  await Promise.all(Array.from({ length: 256 }, appendMany))
  await journal.close()
}

/** Processor time from its start until it listens, after it was killed while it was taking readings. Not its time: others work here, too. */
async function msToRestart(): Promise<number> {
  const history = createHistory()
  const load = startLoad([{ device: 'by-ws', via: 'ws', open: wsSender(hub) }], { history, random: randomOf('F01') })
  await history.until(({ acknowledged }) => acknowledged > 200)
  load.abandon()
  await hub.kill()
  await hub.restart()
  return processorMs(hub.pid)
}

/** proc(5): fields 14 and 15, in hundredths of a second. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** What a hub learns from its journal once, at a first start after it was put there from outside, is not measured. */
async function learnJournal() {
  await hub.restart()
  hub.signal('SIGTERM')
  await hub.ended()
  await hub.restart()
}

it.skipIf(process.platform !== 'linux')(
  `F01 a hub with ${journalBytes / gibibyte} GiB in its journal is back at most ${allowedMs} ms later than one with none`,
  async () => {
    influx = await startPlayingInflux()
    await influx.goAway()
    hub = await startHubProcess({ environment: influx.environment })
    const empty = await msToRestart()
    await hub.kill()
    await fillJournal(join(hub.dataDir, 'journal'))
    await learnJournal()
    const full = await msToRestart()
    expect(full - empty).toBeLessThan(allowedMs)
  },
)
