// F34: the hub is killed while a command is on its way. It is never lost after 202, and never sent twice unless it may be.

import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Command } from '../../src/protocol/index.ts'
import { eventually } from '../running-hub.ts'
import { openWire, type WireSocket } from '../wire-socket.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { randomOf, size } from './seed.ts'

const rounds = size({ fast: 3, long: 50 })
const profile = {
  type: 'pump',
  metrics: {},
  commands: { open_valve: { timeoutMs: 60_000 }, set_speed: { timeoutMs: 60_000, idempotent: true } },
}

let hub: HubUnderTest
let device: WireSocket
/** Ids of the commands that the device was given, as often as it was given them. */
let given: string[]
beforeAll(async () => {
  hub = await startHubProcess()
})
beforeEach(async () => {
  given = []
  await connectDevice()
})
afterEach(() => device.close())
afterAll(() => hub.stop())

async function connectDevice() {
  device = await openWire(`${hub.url}/ws/device`, { headers: { authorization: `Bearer ${hub.key('gateway')}` } })
  // Before the hello: a command may come in the same packet as the welcome.
  device.socket.on('message', (data) => {
    const { type, id } = JSON.parse(String(data))
    if (type === 'command') given.push(id)
  })
  device.send({ type: 'hello', device: 'pump-1', profile })
  await device.next('welcome')
}

async function killAndReturn() {
  await hub.kill()
  device.close()
  await hub.restart()
  await connectDevice()
  // What is sent at the link leaves before the answer to what comes after it.
  device.send({ type: 'readings', seq: 1, readings: [{ values: { n: 1 } }] })
  await device.next('ack')
}

const command = async (name: string, more: object = {}) =>
  (await hub.ask<Command>('/devices/pump-1/commands', { name, ttlMs: 60_000, ...more })) as Command
const stateOf = async ({ id }: Command) => (await hub.ask<Command>(`/commands/${id}`))?.state
const timesGiven = ({ id }: Command) => given.filter((other) => other === id).length

describe('F34 the hub is killed', () => {
  it('F34 between sending a command and its reply: it is unknown and never sent again', async () => {
    const sent = await command('open_valve')
    await eventually(() => timesGiven(sent) === 1)
    await killAndReturn()
    expect([await stateOf(sent), timesGiven(sent)]).toEqual(['unknown', 1])
  })

  it('F34 between sending an idempotent command and its reply: it is sent again, and its reply counts', async () => {
    const sent = await command('set_speed')
    await eventually(() => timesGiven(sent) === 1)
    await killAndReturn()
    await eventually(() => timesGiven(sent) === 2)
    device.send({ type: 'reply', id: sent.id, state: 'succeeded' })
    await eventually(async () => (await stateOf(sent)) === 'succeeded')
  })

  it('F34 right after 202 for a device that is away: the command is there, and sent once', async () => {
    device.close()
    await eventually(async () => (await hub.stats()).connections.devices === 0)
    const queued = await command('open_valve', { ifOffline: 'queue' })
    expect(queued.state).toBe('queued')
    await killAndReturn()
    await eventually(() => timesGiven(queued) === 1)
    await killAndReturn()
    expect([await stateOf(queued), timesGiven(queued)]).toEqual(['unknown', 1])
  })

  it(`F34 at random times, ${rounds} in a row: no command is lost after 202, none that may not be is sent twice`, async () => {
    const random = randomOf('F34')
    const accepted: Command[] = []
    for (let round = 0; round < rounds; round++) {
      const asking = command('open_valve')
        .then((sent) => accepted.push(sent))
        .catch(() => {})
      await wait(random() * 30)
      await killAndReturn()
      await asking
    }
    expect(accepted.length).toBeGreaterThan(0)
    for (const sent of accepted) expect(await stateOf(sent)).not.toBe(undefined)
    expect(given.length).toBe(new Set(given).size)
  })
})
