// F02: the hub is killed at named points: around a write, a sync, an acknowledgement, a new segment, a moved position.

import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHistory, type History } from './history.ts'
import { type HubUnderTest, type Life, startHubProcess } from './hub-process.ts'
import { fleetOn } from './load/fleet.ts'
import { type Load, startLoad } from './load/load.ts'
import { type PlayingInflux, startPlayingInflux } from './playing-influx.ts'
import { randomOf, size } from './seed.ts'
import { canTrace } from './tools.ts'
import { expectKept } from './verdict.ts'

const dieAt = new URL('preload/die-at.ts', import.meta.url)

/** Segments of 128 KiB, so that they turn often. */
const smallJournal = { JOURNAL_MAX_BYTES: String(1024 * 1024) }

/** One hub and one fleet for all points of a group; what they did is judged at the end of it. */
function stand(environment: () => Record<string, string>) {
  let hub: HubUnderTest
  let history: History
  let load: Load
  beforeAll(async () => {
    hub = await startHubProcess({ environment: { ...smallJournal, ...environment() } })
    history = createHistory()
    load = startLoad(fleetOn(hub), { history, random: randomOf('F02') })
  })
  afterAll(async () => {
    load.abandon()
    await hub.stop()
  })

  return {
    /** In a life that ends there by itself. */
    async dieAt(point: string, nth: number) {
      await dieIn({ preload: dieAt, fault: { POINT: point, NTH: String(nth) } })
      expect(hub.output()).toContain(`reached: ${point}`)
    },
    dieIn,
    dataDir: () => hub.dataDir,
    async killRightAfterAcknowledgement() {
      await hub.restart()
      const before = history.acknowledged
      await history.until(({ acknowledged }) => acknowledged > before)
      await hub.kill()
    },
    async judge(found: (history: History) => Parameters<typeof expectKept>[2] = () => ({})) {
      await hub.restart()
      await load.stop()
      await hub.settled()
      await expectKept(hub, history, { atLeast: 1_000, ...found(history) })
    },
  }

  async function dieIn(life: Life) {
    await hub.begin(life)
    expect(await hub.ended()).toBe('SIGKILL')
  }
}

const random = randomOf('F02 nth')
const rounds = Array.from({ length: size({ fast: 1, long: 8 }) }, (_, i) => i + 1)
const nthOf = (most: number) => 1 + Math.floor(random() * most)

describe('with the embedded store', () => {
  const at = stand(() => ({}))
  const points: [point: string, most: number][] = [
    ['before writing records', 40],
    ['half way through writing a record', 40],
    ['after writing records', 40],
    ['before syncing a segment', 40],
    ['after syncing a segment', 40],
    ['before writing the header of a new segment', 2],
    ['after writing the header of a new segment', 2],
    ['before removing a segment', 2],
    ['after removing a segment', 2],
  ]

  describe.each(rounds)('round %i', () => {
    it.each(points)('F02 dies %s', async (point, most) => at.dieAt(point, nthOf(most)))
    it('F02 dies right after an acknowledgement', () => at.killRightAfterAcknowledgement())
    it.skipIf(!canTrace)('F02 dies while the store moves rows and position', async () => {
      const wal = join(at.dataDir(), 'series.duckdb.wal')
      const kill = `inject=write,pwrite64,fsync,fdatasync:signal=KILL:when=${nthOf(4)}`
      await at.dieIn({ under: ['strace', '-D', '-f', '-qq', '-o', '/dev/null', '-P', wal, '-e', kill] })
    })
  })

  it('F02 keeps everything through all of these', () => at.judge())
})

describe('with InfluxDB', () => {
  let influx: PlayingInflux
  beforeAll(async () => {
    influx = await startPlayingInflux()
  })
  afterAll(() => influx.close())
  const at = stand(() => influx.environment)

  describe.each(rounds)('round %i', () => {
    it.each([
      ['before writing the new mark', 3],
      ['after writing the new mark', 3],
      ['before replacing the mark', 3],
      ['after replacing the mark', 3],
    ])('F02 dies %s', async (point, most) => at.dieAt(point, nthOf(most)))
  })

  it('F02 keeps everything through all of these', () => at.judge(() => ({ found: influx.held() })))
})
