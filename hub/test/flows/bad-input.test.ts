// The same bad input over each transport: its coded answer, nothing harmed, and good readings beside it kept.

import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Rejection } from '../../src/protocol/index.ts'
import { expectAccounting } from '../accounting.ts'
import { createHeardLog, eventually, startTestHub, type TestHub } from '../running-hub.ts'
import { openDevice } from '../wire-socket.ts'

const hour = 3_600_000
/** What a message says of readings, as JSON text, and the code of the answer. */
const inputs: [name: string, readings: string, code: string][] = [
  ['a metric name with a space', '[{"values":{"a b":1}}]', 'bad-name'],
  ['__proto__ as a metric', '[{"values":{"__proto__":1}}]', 'bad-name'],
  ['a reserved name', '[{"values":{"time":1}}]', 'reserved-name'],
  ['a number beyond a double', '[{"values":{"a":1e999}}]', 'value-not-finite'],
  ['a list as a value', '[{"values":{"a":[1]}}]', 'value-type'],
  ['a time in the future', `[{"at":${Date.now() + hour},"values":{"a":1}}]`, 'at-in-future'],
  ['a time before the retention', '[{"at":1,"values":{"a":1}}]', 'at-too-old'],
  ['a time beyond all dates', '[{"at":1e21,"values":{"a":1}}]', 'at-range'],
  ['a text for a number', '[{"values":{"temperature":"warm"}}]', 'type-conflict'],
  ['not JSON', '[{', 'bad-json'],
  ['NaN', '[{"values":{"a":NaN}}]', 'bad-json'],
  ['no readings', '[]', 'empty-batch'],
  ['more readings than a message may have', `[${Array(1_001).fill('{"values":{"a":1}}').join()}]`, 'too-many-readings'],
  ['nested 5,000 levels deep', `${'['.repeat(5_000)}${']'.repeat(5_000)}`, 'too-deep'],
]

describe('bad input', () => {
  const log = createHeardLog()
  let hub: TestHub

  beforeAll(async () => {
    hub = await startTestHub({}, log)
    await post('{"device":"victim","readings":[{"values":{"temperature":20}}]}')
  })
  afterAll(async () => {
    await expectAccounting(hub)
    expect(log.text()).not.toMatch(/"level":"error"/)
    expect(log.text()).not.toContain(hub.key('gateway'))
    await hub.stop()
  })

  async function post(body: string, headers: Record<string, string> = {}) {
    const response = await fetch(`${hub.url}/api/v1/readings`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.key('gateway')}`, 'content-type': 'application/json', ...headers },
      body,
    })
    const answer = (await response.json()) as { code?: string; rejected?: Rejection[] }
    return { status: response.status, code: answer.code ?? answer.rejected?.[0]?.code }
  }
  /** The hub still takes a good reading. */
  async function alive() {
    const before = Date.now()
    expect((await post('{"device":"bystander","readings":[{"values":{"a":1}}]}')).status).toBe(200)
    return before
  }

  it.each(inputs)('over HTTP: %s', async (_, readings, code) => {
    expect((await post(`{"device":"victim","readings":${readings}}`)).code).toBe(code)
    await alive()
  })

  it.each(inputs)('over a WebSocket: %s', async (_, readings, code) => {
    const device = await openDevice(hub.url, hub.key('gateway'), 'victim')
    device.send(`{"type":"readings","seq":1,"readings":${readings}}`)
    const answer = await Promise.any([
      device.next<{ type: string; rejected: Rejection[] }>('ack').then(({ rejected }) => rejected[0]?.code),
      device.next<{ type: string; code: string }>('nack').then(({ code }) => code),
      device.next<{ type: string; code: string }>('error').then(({ code }) => code),
    ])
    expect(answer).toBe(code)
    await alive()
    device.close()
  })

  it.each(inputs.filter(([, , code]) => code !== 'empty-batch'))('over MQTT: %s', async (_, readings, code) => {
    // Complaints about one device are told once a while for each code: every input has a device of its own.
    const device = code === 'type-conflict' ? 'victim' : `victim-${inputs.findIndex(([, text]) => text === readings)}`
    const mqtt = await connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, {
      username: device,
      password: hub.key('gateway'),
      protocolVersion: 4,
    })
    const heard = log.text().length
    // MQTT 3.1.1 cannot say no to a message: it is acknowledged, and the reason is in the log.
    await mqtt.publishAsync(`telehub/v1/${device}/telemetry`, readings, { qos: 1 })
    await eventually(() => log.text().slice(heard).includes(code))
    await alive()
    await mqtt.endAsync()
  })

  it('a good value beside a bad one is kept', async () => {
    await post('{"device":"mixed","readings":[{"values":{"good":1,"bad name":2}}]}')
    const { latest } = await hub.console().request<{ latest: Record<string, unknown> }>('GET', '/devices/mixed')
    expect(Object.keys(latest)).toEqual(['good'])
  })

  it.each([
    [
      'a wrong key',
      { authorization: 'Bearer th_gateway_aaaaaaaaaaaa_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' },
      401,
      'unauthenticated',
    ],
    ['no key', { authorization: '' }, 401, 'bearer-required'],
    ['a form instead of JSON', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported-media-type'],
    ['a page', { origin: 'https://evil.test' }, 403, 'origin-not-allowed'],
  ])('over HTTP: %s', async (_, headers, status, code) => {
    expect(await post('{"device":"victim","readings":[{"values":{"a":1}}]}', headers)).toEqual({ status, code })
  })

  it('over HTTP: too big', async () => {
    expect(await post(`{"device":"victim","pad":"${'x'.repeat(11_000_000)}","readings":[]}`)).toMatchObject({
      status: 413,
      code: 'too-large',
    })
  })

  it('over MQTT: a wrong key gets no connection', async () => {
    await expect(
      connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, {
        username: 'victim',
        password: 'th_gateway_aaaaaaaaaaaa_b',
        protocolVersion: 4,
        reconnectPeriod: 0,
      }),
    ).rejects.toThrow(/Bad username or password|Not authorized/)
  })

  it('a device key does not speak for another device, by HTTP or MQTT', async () => {
    const { secret } = await hub
      .console()
      .request<{ secret: string }>('POST', '/keys', { kind: 'device', device: 'honest', name: 'honest' })
    expect(
      await post('{"device":"victim","readings":[{"values":{"a":1}}]}', { authorization: `Bearer ${secret}` }),
    ).toMatchObject({ status: 403, code: 'foreign-device' })
    const mqtt = await connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, {
      username: 'honest',
      password: secret,
      protocolVersion: 4,
      reconnectPeriod: 0,
    })
    const closed = new Promise((resolve) => mqtt.once('close', () => resolve('closed')))
    mqtt.publish('telehub/v1/victim/telemetry', '{"a":1}', { qos: 1 })
    expect(await closed).toBe('closed')
  })
})
