// A console that was away gets what it missed, once, and what cannot be had any more as a named gap.

import { afterEach, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import type { Snapshot } from '../../src/client/index.ts'
import { connect, type HubClient } from '../../src/client/index.ts'
import { expectAccounting } from '../accounting.ts'
import { createRelay, type Relay } from '../relay.ts'
import { eventually, startTestHub, type TestHub } from '../running-hub.ts'
import { openDevice, openWire, type WireSocket } from '../wire-socket.ts'

let hub: TestHub
let relay: Relay | undefined
let console: HubClient | undefined

afterEach(async () => {
  console?.close()
  await relay?.close()
  await expectAccounting(hub)
  await hub.stop()
})

let nextSeq = 1
async function report(device: WireSocket, n: number) {
  const seq = nextSeq++
  device.send({ type: 'readings', seq, readings: [{ values: { n } }] })
  await device.next<{ type: string; seq: number }>('ack', (ack) => ack.seq === seq)
}

/** A console that writes down every value it is given, in order. */
function keepNotes(client: HubClient) {
  const notes: unknown[] = []
  const snapshots: Snapshot[] = []
  client.watch(
    { devices: '*' },
    {
      snapshot(snapshot) {
        snapshots.push(snapshot)
        for (const { values } of snapshot.recent) notes.push(...(values.n ?? []))
      },
      readings: ({ values }) => notes.push(...(values.n ?? [])),
    },
  )
  return { notes, snapshots }
}

it('a console cut off for a while ends with the same readings as one that was not', async () => {
  hub = await startTestHub()
  relay = await createRelay(hub.url)
  const steady = keepNotes(hub.console())
  console = connect(relay.url, { key: hub.key('admin'), WebSocket })
  const shaky = keepNotes(console)
  await eventually(() => steady.snapshots.length === 1 && shaky.snapshots.length === 1)

  const device = await openDevice(hub.url, hub.key('gateway'), 'pump-1')
  for (let n = 1; n <= 5; n++) await report(device, n)
  await eventually(() => shaky.notes.length === 5)
  relay.cut()
  for (let n = 6; n <= 10; n++) await report(device, n)
  relay.mend()
  console.reconnect()
  await eventually(() => shaky.snapshots.length === 2)
  for (let n = 11; n <= 15; n++) await report(device, n)

  await eventually(() => steady.notes.length === 15 && shaky.notes.length >= 15)
  expect(shaky.notes).toEqual(steady.notes)
  expect(shaky.snapshots[1]).toMatchObject({ resumed: true, gaps: [] })
  device.close()
})

it('a console resumes across a restart of the hub', async () => {
  hub = await startTestHub()
  const client = hub.console()
  const { notes, snapshots } = keepNotes(client)
  await eventually(() => snapshots.length === 1)
  const before = await openDevice(hub.url, hub.key('gateway'), 'pump-1')
  await report(before, 1)
  await eventually(() => notes.length === 1)
  await hub.restart()
  const after = await openDevice(hub.url, hub.key('gateway'), 'pump-1')
  await report(after, 2)
  await eventually(() => notes.length === 2)
  expect([notes, snapshots.at(-1)?.gaps]).toEqual([[1, 2], []])
})

it('a cursor of another journal is answered with a named gap', async () => {
  hub = await startTestHub()
  const wire = await openWire(`${hub.url}/ws/console`, { headers: { authorization: `Bearer ${hub.key('admin')}` } })
  wire.send({ type: 'watch', id: 'w', devices: '*', from: 'elsewhere:1' })
  expect(await wire.next('watching')).toMatchObject({ gaps: [{ reason: 'dropped' }] })
})

it('a device that sends again what was acknowledged is acknowledged again, and counted once', async () => {
  hub = await startTestHub()
  const readings = [{ at: Date.now(), values: { n: 1 } }]
  for (let round = 0; round < 3; round++) {
    const device = await openDevice(hub.url, hub.key('gateway'), 'pump-1', { stream: 'same' })
    device.send({ type: 'readings', seq: 1, readings })
    await device.next('ack')
    device.close()
    if (round === 1) await hub.restart()
  }
  const stats = await eventually(() => hub.console().request<{ journal: { accepted: number } }>('GET', '/stats'))
  expect(stats.journal.accepted).toBe(1)
})
