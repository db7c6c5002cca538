// A console sends a command, the device answers, every console sees each step; and it is still there after a restart.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { available } from '../../../infra/services/available.ts'
import { startMosquitto } from '../../../infra/services/mosquitto.ts'
import type { HubClient } from '../../src/client/index.ts'
import type { Command, DeviceCommand, Profile } from '../../src/protocol/index.ts'
import { eventually, startTestHub, type TestHub } from '../running-hub.ts'
import { openDevice } from '../wire-socket.ts'

const profile: Profile = {
  type: 'pump',
  commands: {
    set_speed: {
      timeoutMs: 5_000,
      params: {
        type: 'object',
        required: ['rpm'],
        properties: { rpm: { type: 'integer', minimum: 0, maximum: 3000 } },
      },
    },
  },
}

describe('a command', () => {
  let hub: TestHub
  let console: HubClient
  let other: HubClient

  beforeAll(async () => {
    hub = await startTestHub()
    console = hub.console()
    other = hub.console({ format: 'msgpack' })
    await eventually(() => console.state.kind === 'live' && other.state.kind === 'live')
  })
  afterAll(() => hub.stop())

  it('over a WebSocket goes down while readings flow, and its reply comes back to every console', async () => {
    const device = await openDevice(hub.url, hub.key('gateway'), 'pump-ws', { profile })
    const seenByOther: string[] = []
    const stop = other.on('command', ({ device, state }) => device === 'pump-ws' && seenByOther.push(state))
    const steps: string[] = []
    const result = console.command(
      'pump-ws',
      'set_speed',
      { rpm: 1200 },
      { onChange: ({ state }) => steps.push(state) },
    )

    const { id, params } = await device.next<DeviceCommand>('command')
    device.send({ type: 'readings', seq: 1, readings: [{ values: { rpm: 600 } }] })
    device.send({ type: 'reply', id, state: 'delivered' })
    device.send({ type: 'reply', id, state: 'running', progress: 0.5 })
    device.send({ type: 'reply', id, state: 'succeeded', result: { rpm: 1200 } })

    expect([params, (await result).result]).toEqual([{ rpm: 1200 }, { rpm: 1200 }])
    await device.next('ack')
    await eventually(() => seenByOther.includes('succeeded'))
    expect(seenByOther).toEqual(['queued', 'sent', 'delivered', 'running', 'succeeded'])
    expect(steps.at(-1)).toBe('succeeded')
    stop()
    device.close()
  })

  it('over MQTT reaches a device on the embedded broker', async () => {
    const mqtt = await connectAsync(`mqtt://127.0.0.1:${hub.mqttPort}`, {
      username: 'pump-mqtt',
      password: hub.key('gateway'),
      protocolVersion: 4,
    })
    await mqtt.subscribeAsync('telehub/v1/pump-mqtt/commands/+', { qos: 1 })
    await mqtt.publishAsync('telehub/v1/pump-mqtt/profile', JSON.stringify(profile), { qos: 1, retain: true })
    mqtt.on('message', (topic, payload) => {
      const { id, params } = JSON.parse(String(payload)) as DeviceCommand
      mqtt.publish(`${topic}/reply`, JSON.stringify({ id, state: 'succeeded', result: params }), { qos: 1 })
    })
    await eventually(() =>
      console
        .request<{ presence: { linked: boolean } }>('GET', '/devices/pump-mqtt')
        .then(({ presence }) => presence.linked),
    )
    const { state, result } = await console.command('pump-mqtt', 'set_speed', { rpm: 900 })
    expect([state, result]).toEqual(['succeeded', { rpm: 900 }])
    await mqtt.endAsync()
  })

  it.skipIf(!available('mosquitto-clients'))(
    'is answered by mosquitto_sub and mosquitto_pub as the device',
    async () => {
      const key = hub.key('gateway')
      const login = ['-p', String(hub.mqttPort), '-u', 'by-hand', '-P', key]
      const send = (topic: string, text: string) =>
        once(spawn('mosquitto_pub', [...login, '-q', '1', '-t', topic, '-m', text]), 'exit')
      await send('telehub/v1/by-hand/profile', JSON.stringify(profile))
      const listening = spawn('mosquitto_sub', [...login, '-q', '1', '-t', 'telehub/v1/by-hand/commands/+'])
      await eventually(() =>
        console
          .request<{ presence: { linked: boolean } }>('GET', '/devices/by-hand')
          .then(({ presence }) => presence.linked),
      )

      const result = console.command('by-hand', 'set_speed', { rpm: 300 })
      const [line] = await once(listening.stdout, 'data')
      const { id } = JSON.parse(String(line)) as DeviceCommand
      await send(`telehub/v1/by-hand/commands/${id}/reply`, '{"state":"succeeded"}')
      expect((await result).state).toBe('succeeded')
      listening.kill()
      await once(listening, 'exit')
    },
  )

  it('with parameters that do not fit is refused with a pointer', async () => {
    const device = await openDevice(hub.url, hub.key('gateway'), 'pump-strict', { profile })
    await expect(console.command('pump-strict', 'set_speed', { rpm: 9_000 })).rejects.toMatchObject({
      code: 'bad-params',
      errors: [{ pointer: '/rpm' }],
    })
    device.close()
  })

  it('needs more than a viewer key', async () => {
    const device = await openDevice(hub.url, hub.key('gateway'), 'pump-viewed', { profile })
    const { secret } = await console.request<{ secret: string }>('POST', '/keys', { kind: 'viewer', name: 'wallboard' })
    const viewer = hub.console({ key: secret })
    await eventually(() => viewer.state.kind === 'live')
    await expect(viewer.command('pump-viewed', 'set_speed', { rpm: 1 })).rejects.toMatchObject({ code: 'role-needed' })
    device.close()
  })

  it('and its end are there after a restart', async () => {
    const device = await openDevice(hub.url, hub.key('gateway'), 'pump-kept', { profile })
    const result = console.command('pump-kept', 'set_speed', { rpm: 1 })
    const { id } = await device.next<DeviceCommand>('command')
    device.send({ type: 'reply', id, state: 'failed', error: { code: 'jam', message: 'The impeller is stuck.' } })
    await result
    await hub.restart()
    const kept = await eventually(() => console.request<Command>('GET', `/commands/${id}`))
    expect([kept.state, kept.error?.code, kept.changes.map(({ state }) => state)]).toEqual([
      'failed',
      'jam',
      ['queued', 'sent', 'failed'],
    ])
    device.close()
  })
})

describe.skipIf(!available('mosquitto'))('through a Mosquitto that the hub bridges, a command', () => {
  it('reaches the device and its reply comes back', async () => {
    const broker = await startMosquitto()
    const hub = await startTestHub({ MQTT_URL: broker.url })
    try {
      const console = hub.console()
      const mqtt = await connectAsync(broker.url)
      mqtt.on('message', (topic, payload) => {
        const { id } = JSON.parse(String(payload)) as DeviceCommand
        mqtt.publish(`${topic}/reply`, JSON.stringify({ id, state: 'succeeded' }), { qos: 1 })
      })
      await mqtt.subscribeAsync('telehub/v1/far/commands/+', { qos: 1 })
      await mqtt.publishAsync('telehub/v1/far/profile', JSON.stringify(profile), { qos: 1, retain: true })
      await mqtt.publishAsync('telehub/v1/far/status', 'online', { qos: 1, retain: true })
      await eventually(() =>
        console
          .request<{ presence: { linked: boolean } }>('GET', '/devices/far')
          .then(({ presence }) => presence.linked),
      )
      expect((await console.command('far', 'set_speed', { rpm: 1 })).state).toBe('succeeded')
      await mqtt.endAsync()
    } finally {
      await hub.stop()
      await broker.stop()
    }
  })
})
