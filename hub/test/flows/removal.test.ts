// A device that was removed stays away, with all it had, until it reports again.

import { afterEach, expect, it } from 'vitest'
import { HubProblem } from '../../src/client/index.ts'
import type { Device } from '../../src/protocol/index.ts'
import { eventually, startTestHub, type TestHub } from '../running-hub.ts'
import { openDevice } from '../wire-socket.ts'

let hub: TestHub
afterEach(() => hub.stop())

it('a removed device is gone also after a restart, and comes back empty on the socket it has', async () => {
  hub = await startTestHub()
  const console = hub.console()
  const device = await openDevice(hub.url, hub.key('gateway'), 'pump-1')
  device.send({ type: 'readings', seq: 1, readings: [{ values: { old: 1 } }] })
  await device.next('ack')
  await eventually(() => console.request('DELETE', '/devices/pump-1').then(() => true))
  await hub.restart()
  const gone = await eventually(() => console.request('GET', '/devices/pump-1').catch((error) => error))
  expect(gone).toMatchObject({ code: 'not-found' })
  expect(gone).toBeInstanceOf(HubProblem)

  const back = await openDevice(hub.url, hub.key('gateway'), 'pump-1')
  await console.request('DELETE', '/devices/pump-1')
  back.send({ type: 'readings', seq: 1, readings: [{ values: { fresh: 2 } }] })
  await back.next('ack')
  const { latest, presence } = await eventually(() => console.request<Device>('GET', '/devices/pump-1'))
  expect([Object.keys(latest), presence.linked]).toEqual([['fresh'], true])
  back.close()
})
