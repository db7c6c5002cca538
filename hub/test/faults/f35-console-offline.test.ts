// F35: a console loses its connection for a while. Afterwards it has what a console has that never did.

import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { connect, type Snapshot } from '../../src/client/index.ts'
import type { Segment } from '../../src/protocol/index.ts'
import { createRelay, type Relay } from '../relay.ts'
import { eventually } from '../running-hub.ts'
import { createHistory, type History } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { fleetOn } from './load/fleet.ts'
import { startLoad } from './load/load.ts'
import { randomOf, size } from './seed.ts'
import { expectKept } from './verdict.ts'

const offlineMs = size({ fast: 3_000, long: 60_000 })

let hub: HubUnderTest
let relay: Relay
beforeEach(async () => {
  hub = await startHubProcess()
  relay = await createRelay(hub.url)
})
afterEach(async () => {
  await relay.close()
  await hub.stop()
})

/** Names of all readings a console was given, in order of arrival, and its snapshots. */
function openConsole(url: string) {
  const client = connect(url, { key: hub.key('admin'), WebSocket })
  const seen: string[] = []
  const snapshots: Snapshot[] = []
  const note = ({ device, at, values }: Segment) => {
    for (const [metric, column] of Object.entries(values)) {
      column.forEach((value, i) => {
        if (value !== null) seen.push(`${device} ${metric} ${at[i]} ${value}`)
      })
    }
  }
  client.watch(
    { devices: '*' },
    {
      snapshot(snapshot) {
        snapshots.push(snapshot)
        for (const segment of snapshot.recent) note(segment)
      },
      readings: note,
    },
  )
  return { client, seen, snapshots }
}

const acknowledgedIn = ({ lines }: History) => {
  const acks = lines.filter(({ event }) => event === 'ack').flatMap(({ readings }) => readings)
  return acks.map(({ device, metric, at, value }) => `${device} ${metric} ${at} ${value}`)
}

async function goOffline(meanwhile: () => Promise<void>) {
  const away = openConsole(relay.url)
  const steady = openConsole(hub.url)
  await eventually(() => away.snapshots.length > 0 && steady.snapshots.length > 0)
  const history = createHistory()
  const plans = fleetOn(hub).map((plan) => ({ ...plan, lanes: 2, paceMs: 10 }))
  const load = startLoad(plans, { history, random: randomOf('F35') })
  await history.until(({ acknowledged }) => acknowledged > 100)
  relay.cut()
  await meanwhile()
  relay.mend()
  away.client.reconnect()
  await eventually(() => away.client.state.kind === 'live')
  const { acknowledged } = history
  await history.until((now) => now.acknowledged > acknowledged + 100)
  await load.stop()
  const expected = new Set(acknowledgedIn(history))
  await eventually(() => [away, steady].every(({ seen }) => new Set(seen).size >= expected.size))
  away.client.close()
  steady.client.close()
  return { away, steady, history, expected }
}

it('F35 a console that was offline has no hole and no repeat', async () => {
  const { away, steady, history, expected } = await goOffline(() => wait(offlineMs))
  expect(away.seen.length).toBe(expected.size)
  expect(new Set(away.seen)).toEqual(expected)
  expect(new Set(steady.seen)).toEqual(expected)
  expect(away.snapshots.flatMap(({ gaps }) => gaps)).toEqual([])
  await expectKept(hub, history)
})

it('F35 neither has one whose hub was killed meanwhile', async () => {
  const { away, history, expected } = await goOffline(async () => {
    await wait(offlineMs / 4)
    await hub.kill()
    await hub.restart()
    await wait(offlineMs / 4)
  })
  const gaps = away.snapshots.flatMap(({ gaps }) => gaps)
  const seen = new Set(away.seen)
  expect({ missing: [...expected].filter((name) => !seen.has(name)), gaps }).toEqual({ missing: [], gaps: [] })
  // Over HTTP and MQTT a message sent again is a new one to the journal; over a WebSocket it is known.
  const overWs = away.seen.filter((name) => name.startsWith('by-ws '))
  expect(overWs.length).toBe(new Set(overWs).size)
  await expectKept(hub, history)
})
