// The HTTP carrier against a hub with real sockets.

import { afterEach, expect, it } from 'vitest'
import { httpCarrier } from './http.ts'
import { createCarrierEvents, identity, json, type Manners, message, startTestHub } from './testing.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function arrange(manners: Manners = {}) {
  const hub = await startTestHub(manners)
  const ear = createCarrierEvents()
  const connection = httpCarrier({ url: hub.url, key: 'th_gateway_id_secret' })(identity, ear.events)
  closers.push(hub.close, () => connection.goodbye())
  return { hub, connection, ...ear }
}

/** A hub that knows devices but answers their readings so. */
function answering(status: number, body: object, headers = {}): Manners {
  const told = { accepted: 0, rejected: [], durable: 'disk' }
  return {
    http: ({ method }, response) =>
      method === 'PUT' ? json(response, 200, told) : json(response, status, body, headers),
  }
}

const problem = (status: number, code: string) => ({
  type: 'about:blank',
  title: 'No',
  status,
  code,
  detail: `It is ${code}.`,
})

it('introduces the device without commands, which cannot reach it, then posts its readings', async () => {
  const { hub, connection, until } = await arrange()
  expect(await until('up')).toEqual(['up', 1])
  connection.transmit(message(3))

  expect(await until('acked')).toEqual(['acked', 3, []])
  expect(hub.calls.heard).toMatchObject([
    { method: 'PUT', path: '/api/v1/devices/pump-0001/profile', body: { type: 'pump', reportEveryMs: 1_000 } },
    { method: 'POST', path: '/api/v1/readings', body: { device: 'pump-0001', readings: message(3).readings } },
  ])
  expect(hub.calls.heard[0]?.body).not.toHaveProperty('commands')
  expect(hub.calls.heard[1]?.headers).toMatchObject({ authorization: 'Bearer th_gateway_id_secret' })
})

it('tells which readings were rejected', async () => {
  const rejected = [{ index: 0, metric: 'flow', code: 'type-conflict', detail: 'It was a text.' }]
  const { connection, until } = await arrange(answering(200, { accepted: 1, rejected, durable: 'disk' }))
  await until('up')
  connection.transmit(message(3))

  expect(await until('acked')).toEqual(['acked', 3, rejected])
})

it('hears when to try again', async () => {
  const { connection, until } = await arrange(answering(503, problem(503, 'overloaded'), { 'retry-after': '2' }))
  await until('up')
  connection.transmit(message(3))

  expect(await until('nacked')).toEqual(['nacked', 3, 'overloaded', 2_000])
})

it('does not try again what the hub will never take', async () => {
  const { connection, until } = await arrange(answering(400, problem(400, 'bad-message')))
  await until('up')
  connection.transmit(message(3))

  expect(await until('nacked')).toEqual(['nacked', 3, 'bad-message', undefined])
})

it('is refused for good with a key that the hub does not know', async () => {
  const { until } = await arrange({ http: (_, response) => json(response, 401, problem(401, 'unauthenticated')) })

  expect(await until('down')).toEqual(['down', 'It is unauthenticated.', { final: true }])
})

it('says that nothing answers where nothing does', async () => {
  const hub = await startTestHub()
  await hub.close()
  const { events, until } = createCarrierEvents()
  httpCarrier({ url: hub.url, key: 'k' })(identity, events)

  expect(await until('down')).toEqual(['down', expect.stringContaining('ECONNREFUSED')])
})
