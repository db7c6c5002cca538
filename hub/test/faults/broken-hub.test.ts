// The proof of the proof: against a hub that acknowledges before the disk has it, the checker must fail.

import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { createHistory } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { fleetOn } from './load/fleet.ts'
import { startLoad } from './load/load.ts'
import { randomOf } from './seed.ts'
import { verdictOf } from './verdict.ts'

const bufferingDisk = new URL('preload/buffering-disk.ts', import.meta.url)

let hub: HubUnderTest
afterEach(() => hub.stop())

it('the checker fails against a hub broken on purpose, which acknowledges a second before it writes', async () => {
  hub = await startHubProcess({ preload: bufferingDisk })
  const history = createHistory()
  const load = startLoad(fleetOn(hub), { history, random: randomOf('broken hub') })
  await history.until(({ acknowledged }) => acknowledged > 100)
  await wait(1_200)
  await hub.kill()
  load.abandon()
  await hub.restart()

  const { holds, violations } = await verdictOf(hub, history)
  expect(holds).toBe(false)
  expect(violations.filter(({ kind }) => kind === 'lost').length).toBeGreaterThan(50)
})
