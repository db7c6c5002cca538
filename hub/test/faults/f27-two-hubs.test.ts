// F27: two hubs are given one data directory.

import { afterEach, expect, it } from 'vitest'
import { createHistory } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { fleetOn } from './load/fleet.ts'
import { startLoad } from './load/load.ts'
import { randomOf } from './seed.ts'
import { expectKept } from './verdict.ts'

let hub: HubUnderTest
afterEach(() => hub.stop())

it('F27 the second hub refuses to start, naming the first one, which does not feel it', async () => {
  hub = await startHubProcess()
  const history = createHistory()
  const load = startLoad(fleetOn(hub), { history, random: randomOf('F27') })
  const second = startHubProcess({ dataDir: hub.dataDir })
  await expect(second).rejects.toThrow(`Another hub (pid ${hub.pid}) is using ${hub.dataDir}`)
  await history.until(({ acknowledged }) => acknowledged > 500)
  await load.stop()
  await expectKept(hub, history, { atLeast: 500 })
})
