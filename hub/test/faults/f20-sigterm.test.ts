// F20: the hub is told to stop, twice, under load and while the store is down.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { createHistory } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { fleetOn } from './load/fleet.ts'
import { startLoad } from './load/load.ts'
import { keepAndConfirm, type PlayingInflux, startPlayingInflux } from './playing-influx.ts'
import { randomOf } from './seed.ts'
import { expectKept } from './verdict.ts'

let influx: PlayingInflux
let hub: HubUnderTest
beforeEach(async () => {
  influx = await startPlayingInflux()
})
afterEach(async () => {
  await hub.stop()
  await influx.close()
})

/** Two signals, a moment apart if it takes that long; the exit code, and how long it took. */
async function terminate() {
  const startedAt = performance.now()
  hub.signal('SIGTERM')
  const second = setTimeout(() => hub.signal('SIGTERM'), 20)
  const code = await hub.ended()
  clearTimeout(second)
  return { code, ms: performance.now() - startedAt }
}

it.each([
  ['refuses connections', () => influx.goAway()],
  ['never answers', () => influx.behave(() => {})],
])('F20 SIGTERM twice, under load, while the store %s: exit 0 in time, and nothing is lost', async (_words, fail) => {
  hub = await startHubProcess({ environment: influx.environment })
  await fail()
  const history = createHistory()
  const load = startLoad(fleetOn(hub), { history, random: randomOf('F20') })
  await history.until(({ acknowledged }) => acknowledged > 300)
  const { code, ms } = await terminate()
  expect(code).toBe(0)
  expect(ms).toBeLessThan(10_000)

  influx.behave(keepAndConfirm)
  await influx.goAway()
  await influx.comeBack()
  await hub.restart()
  await load.stop()
  await hub.settled()
  await expectKept(hub, history, { found: influx.held(), atLeast: 300 })
})

it('F20 SIGTERM under load with the embedded store: exit 0 in time, and nothing is lost', async () => {
  hub = await startHubProcess()
  const history = createHistory()
  const load = startLoad(fleetOn(hub), { history, random: randomOf('F20 embedded') })
  await history.until(({ acknowledged }) => acknowledged > 1_000)
  const { code, ms } = await terminate()
  expect(code).toBe(0)
  expect(ms).toBeLessThan(10_000)
  await hub.restart()
  await load.stop()
  await expectKept(hub, history, { atLeast: 1_000 })
})
