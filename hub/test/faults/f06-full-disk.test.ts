// F06 and F07: the disk is full, by somebody else's file or by the journal itself, and has room again later.

import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually } from '../running-hub.ts'
import { createHistory, type History } from './history.ts'
import { startHubProcess } from './hub-process.ts'
import { fleetOn } from './load/fleet.ts'
import { type LoadPlan, startLoad } from './load/load.ts'
import { answer, keepAndConfirm, startPlayingInflux } from './playing-influx.ts'
import { randomOf } from './seed.ts'
import { canMount, mountSmallDisk } from './tools.ts'
import { expectKept } from './verdict.ts'

/** Room for a hub, its records and an embedded store, and for some seconds of load. */
const diskBytes = 12 * 1024 * 1024

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (let close = closers.pop(); close; close = closers.pop()) await close()
})

/** A hub whose data has a small disk of its own, and a fleet that sends two kilobytes a reading. */
async function stand(environment: Record<string, string> = {}) {
  const disk = mountSmallDisk(diskBytes)
  closers.push(disk.remove)
  const dataDir = join(disk.dir, 'data')
  const hub = await startHubProcess({ dataDir, environment })
  closers.push(hub.stop)
  const history = createHistory()
  const plans: LoadPlan[] = fleetOn(hub).map((plan) => ({ ...plan, lanes: 4, rows: 1, textBytes: 2_000 }))
  const load = startLoad(plans, { history, random: randomOf('F06') })
  closers.push(load.abandon)
  await history.until(({ acknowledged }) => acknowledged > 100)
  return { disk, hub, history, load }
}

/** Another program's file takes what is left. */
function fill(dir: string): string {
  const file = join(dir, 'somebody-else')
  const fd = openSync(file, 'w')
  try {
    for (const chunk = Buffer.alloc(4_096); ; ) writeSync(fd, chunk)
  } catch {
    return file
  } finally {
    closeSync(fd)
  }
}

async function goesOn(history: History) {
  const { acknowledged } = history
  await history.until((now) => now.acknowledged > acknowledged + 200)
}

const refusals = (history: History) => new Set(history.lines.flatMap(({ code }) => code ?? []))

describe.skipIf(!canMount)('F06 a disk that somebody else has filled', () => {
  it('F06 makes the hub refuse readings, and it recovers by itself', async () => {
    const { disk, hub, history, load } = await stand()
    const file = fill(disk.dir)
    await history.until(({ refused }) => refused > 20)
    expect([...refusals(history)]).toEqual(['journal-full'])
    rmSync(file)
    await goesOn(history)
    await load.stop()
    await expectKept(hub, history, { atLeast: 300 })
  })

  it('F06 is named by /readyz', async () => {
    const { disk, hub, history } = await stand()
    fill(disk.dir)
    await history.until(({ refused }) => refused > 20)
    const { ready, checks } = await hub.ready()
    expect([ready, checks.journal?.ok]).toEqual([false, false])
  })

  it('F06 does not keep the journal from draining into InfluxDB', async () => {
    const influx = await startPlayingInflux()
    closers.push(influx.close)
    influx.behave(answer(503))
    const { disk, hub, history, load } = await stand(influx.environment)
    const file = fill(disk.dir)
    await history.until(({ refused }) => refused > 20)
    influx.behave(keepAndConfirm)
    await hub.settled(30_000)
    rmSync(file)
    await goesOn(history)
    await load.stop()
    await hub.settled()
    await expectKept(hub, history, { found: influx.held(), atLeast: 300 })
  })

  it('F06 harms nothing when the hub is killed on it', async () => {
    const { disk, hub, history, load } = await stand()
    const file = fill(disk.dir)
    await history.until(({ refused }) => refused > 20)
    await hub.begin()
    // On a disk without any room a hub may refuse to start; it must not harm what is there.
    const listens = async () => (await fetch(hub.url).catch(() => undefined)) !== undefined
    await Promise.race([hub.ended(), eventually(listens, 30_000)])
    rmSync(file)
    await hub.restart()
    await goesOn(history)
    await load.stop()
    await expectKept(hub, history, { atLeast: 300 })
  })
})

describe.skipIf(!canMount)('F07 a disk that the journal itself has filled while InfluxDB was down', () => {
  it('F07 gets empty again without a manual step once InfluxDB returns', async () => {
    const influx = await startPlayingInflux()
    closers.push(influx.close)
    await influx.goAway()
    const { hub, history, load } = await stand(influx.environment)
    await history.until(({ refused }) => refused > 20)
    expect([...refusals(history)]).toEqual(['journal-full'])
    await influx.comeBack()
    await goesOn(history)
    await load.stop()
    await hub.settled()
    await expectKept(hub, history, { found: influx.held(), atLeast: 1_000 })
  })
})
