// F19: a real InfluxDB is killed, again and again, while readings are being written to it.

import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, expect, it } from 'vitest'
import { available } from '../../../infra/services/available.ts'
import { type Influx, startInflux } from '../../../infra/services/influxdb.ts'
import { createHistory } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { fleetOn } from './load/fleet.ts'
import { startLoad } from './load/load.ts'
import { randomOf, size } from './seed.ts'
import { expectKept } from './verdict.ts'

const rounds = size({ fast: 2, long: 20 })

let influx: Influx
let hub: HubUnderTest
afterEach(async () => {
  await hub.stop()
  await influx.stop()
})

it.skipIf(!available('influxdb'))('F19 kill -9 of a real InfluxDB under load loses and repeats nothing', async () => {
  influx = await startInflux()
  hub = await startHubProcess({ environment: { INFLUX_URL: influx.url, INFLUX_DATABASE: 'faults' } })
  const random = randomOf('F19')
  const history = createHistory()
  const load = startLoad(fleetOn(hub), { history, random })
  for (let round = 0; round < rounds; round++) {
    await wait(500 + random() * 1_500)
    await influx.kill()
    const { acknowledged } = history
    await history.until((now) => now.acknowledged > acknowledged + 200)
    await influx.restart()
  }
  await load.stop()
  await expectKept(hub, history, { atLeast: 500 })
  // One outage is one line at its start and one at its end.
  expect(hub.output().split('store unreachable').length - 1).toBeLessThanOrEqual(rounds)
})
