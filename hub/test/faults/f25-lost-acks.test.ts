// F25: acknowledgements are lost on the way back, so devices send again what the hub has already.

import { afterEach, beforeEach, expect, it } from 'vitest'
import { eventually } from '../running-hub.ts'
import { createHistory, type History } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { httpSender } from './load/http.ts'
import { type LoadPlan, startLoad } from './load/load.ts'
import { mqttSender } from './load/mqtt.ts'
import { wsSender } from './load/ws.ts'
import { createOneWay, type OneWay } from './one-way.ts'
import { randomOf, size } from './seed.ts'
import { expectKept } from './verdict.ts'

const rounds = size({ fast: 3, long: 40 })

let hub: HubUnderTest
let web: OneWay
let mqtt: OneWay
let history: History
beforeEach(async () => {
  hub = await startHubProcess()
  web = await createOneWay(Number(new URL(hub.url).port))
  mqtt = await createOneWay(hub.mqttPort)
  history = createHistory()
})
afterEach(async () => {
  await web.close()
  await mqtt.close()
  await hub.stop()
})

/** Again and again the hub takes messages whose acknowledgements nobody hears; `between` those times something may happen. */
async function loseAcks(plans: LoadPlan[], between: (round: number) => Promise<void>) {
  const load = startLoad(plans, { history, random: randomOf('F25') })
  for (let round = 0; round < rounds; round++) {
    const { acknowledged } = history
    await history.until((now) => now.acknowledged > acknowledged + 50)
    web.mute()
    mqtt.mute()
    await allTaken()
    await between(round)
    web.mend()
    mqtt.mend()
  }
  await load.stop()
}

/** Every lane waits for an acknowledgement, and the hub has what they sent: it takes nothing more. */
async function allTaken() {
  let before = -1
  await eventually(async () => {
    const last = before
    before = (await hub.stats()).journal.accepted
    return before === last
  })
}

const paths = () => ({ url: web.url, key: hub.key })
const overWs = (): LoadPlan => ({ device: 'by-ws', via: 'ws', open: wsSender(paths()) })

it('F25 what is sent again with its stream and seq is counted once, also after the hub was killed', async () => {
  await loseAcks([overWs()], async (round) => {
    if (round % 2 === 0) return
    await hub.kill()
    await hub.restart()
  })
  const { tally, counts } = await expectKept(hub, history, { atLeast: 100 })
  expect(tally.again).toBeGreaterThan(0)
  expect(counts.accepted).toBe(tally.sent)
})

it('F25 what is sent again without them is stored once, too', async () => {
  const password = () => hub.key('gateway')
  const plans: LoadPlan[] = [
    overWs(),
    { device: 'by-http', via: 'http', open: httpSender(paths()), lanes: 4 },
    { device: 'by-mqtt', via: 'mqtt', open: mqttSender({ port: mqtt.port, password }) },
  ]
  await loseAcks(plans, async () => {})
  const { tally } = await expectKept(hub, history, { atLeast: 100 })
  expect(tally.again).toBeGreaterThan(0)
})
