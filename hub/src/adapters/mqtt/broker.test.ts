// Devices over the embedded broker: what they publish is kept before it is acknowledged, and commands reach them once.

import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { IPublishPacket } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { available } from '../../../../infra/services/available.ts'
import { startBroker } from './broker.ts'
import { command } from './testing/fake-core.ts'
import { type Hub, type Login, startHub } from './testing/hub.ts'
import { publishPacket, subscribePacket } from './testing/wire.ts'

let hub: Hub
beforeEach(async () => {
  hub = await startHub()
})
afterEach(() => hub.close())

describe('readings', () => {
  it('are acknowledged once the journal has them, many at one sync, in the order they came', async () => {
    const { core } = hub
    core.disk.state = 'held'
    const session = await hub.session(await hub.deviceKey('pump-1'))

    session.send(...[1, 2, 3].map((n) => publishPacket('telehub/v1/pump-1/telemetry', `{"t":${n}}`, n)))
    await core.until(() => core.waiting === 3)
    const first = session.next()
    const bystander = await hub.session(await hub.deviceKey('pump-2'))
    bystander.send({ cmd: 'pingreq' })
    expect(await Promise.race([first, bystander.next()])).toMatchObject({ cmd: 'pingresp' })
    core.sync()

    expect([await first, await session.next(), await session.next()]).toMatchObject([
      { cmd: 'puback', messageId: 1 },
      { cmd: 'puback', messageId: 2 },
      { cmd: 'puback', messageId: 3 },
    ])
    expect(core.kept.map(({ readings }) => readings)).toEqual([
      [{ values: { t: 1 } }],
      [{ values: { t: 2 } }],
      [{ values: { t: 3 } }],
    ])
  })

  it('that can never be kept are acknowledged, and the log says why, after those before them', async () => {
    const { core } = hub
    core.disk.state = 'held'
    const session = await hub.session(await hub.deviceKey('pump-1'))

    session.send(
      publishPacket('telehub/v1/pump-1/telemetry', '{"t":1}', 1),
      publishPacket('telehub/v1/pump-1/telemetry', '{"t":NaN}', 2),
    )
    await core.until(() => core.lines.some(({ fields }) => fields.code === 'bad-json'))
    core.sync()

    expect([await session.next(), await session.next()]).toMatchObject([{ messageId: 1 }, { messageId: 2 }])
    expect(core.kept).toHaveLength(1)
  })

  it('of QoS 0 are kept too', async () => {
    const session = await hub.session(await hub.gatewayKey())
    session.send({
      cmd: 'publish',
      topic: 'telehub/v1/pump-1/telemetry',
      payload: '{"t":1}',
      qos: 0,
      dup: false,
      retain: false,
    })
    await hub.core.until(() => hub.core.kept.length === 1)
    expect(hub.core.kept[0]).toEqual({ device: 'pump-1', readings: [{ values: { t: 1 } }] })
  })

  it('are refused as a whole while the journal is full, and kept once when they come again (M17)', async () => {
    const { core } = hub
    const key = await hub.deviceKey('pump-1')
    core.disk.state = 'full'
    const refused = await hub.session(key)
    refused.send(publishPacket('telehub/v1/pump-1/telemetry', '{"t":1}', 7))
    expect(await refused.next()).toBe('closed')

    core.disk.state = 'open'
    const again = await hub.session(key)
    again.send({ ...publishPacket('telehub/v1/pump-1/telemetry', '{"t":1}', 7), dup: true } as IPublishPacket)
    expect(await again.next()).toMatchObject({ cmd: 'puback', messageId: 7 })
    expect(core.kept).toHaveLength(1)
  })
})

describe('profile, status and replies', () => {
  it('reach the core', async () => {
    const { core } = hub
    const session = await hub.session(await hub.deviceKey('pump-1'))
    session.send(
      publishPacket('telehub/v1/pump-1/profile', '{"type":"pump"}', 1),
      publishPacket('telehub/v1/pump-1/commands/c1/reply', '{"state":"succeeded"}', 2),
    )
    expect([await session.next(), await session.next()]).toMatchObject([{ messageId: 1 }, { messageId: 2 }])
    expect(core.profiles.get('pump-1')).toEqual({ type: 'pump' })
    expect(core.replies).toEqual([{ device: 'pump-1', reply: { id: 'c1', state: 'succeeded' } }])
  })

  it('unlink and link again a device that says so', async () => {
    const { core } = hub
    const session = await hub.session(await hub.deviceKey('pump-1'))
    await hub.linked(session, 'pump-1')
    session.send(publishPacket('telehub/v1/pump-1/status', 'offline', 1))
    await core.until(() => !core.links.has('pump-1'))
    session.send(publishPacket('telehub/v1/pump-1/status', 'online', 2))
    await core.until(() => core.links.has('pump-1'))
  })
})

describe('commands', () => {
  it('are published to the device that subscribed, with QoS 1 and not retained', async () => {
    const session = await hub.session(await hub.deviceKey('pump-1'))
    await hub.linked(session, 'pump-1')
    const sent = command('c1', { name: 'set_speed', params: { rpm: 100 } })
    hub.core.links.get('pump-1')?.deliver(sent)

    const packet = (await session.next()) as IPublishPacket
    expect(packet).toMatchObject({
      cmd: 'publish',
      topic: 'telehub/v1/pump-1/commands/c1',
      qos: 1,
      retain: false,
      dup: false,
    })
    expect(JSON.parse(String(packet.payload))).toEqual(sent)
  })

  it('are sent with the QoS that was asked for', async () => {
    const session = await hub.session(await hub.deviceKey('pump-1'))
    session.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'telehub/v1/pump-1/commands/#', qos: 0 }] })
    await session.next()
    await hub.core.until(() => hub.core.links.has('pump-1'))
    hub.core.links.get('pump-1')?.deliver(command('c1'))
    expect(await session.next()).toMatchObject({ cmd: 'publish', qos: 0 })
  })

  it('are never delivered by the broker itself after a break: a kept session is linked again, with an empty queue', async () => {
    const { core } = hub
    const key = await hub.deviceKey('pump-1')
    const before = await hub.session(key, { clean: false })
    await hub.linked(before, 'pump-1')
    core.links.get('pump-1')?.deliver(command('c1'))
    expect(await before.next()).toMatchObject({ cmd: 'publish' })
    before.end() // without PUBACK
    await core.until(() => !core.links.has('pump-1'))

    const after = await hub.wire()
    const { username, password } = key
    after.send({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: false,
      clientId: 'wire',
      keepalive: 60,
      username,
      password: Buffer.from(password),
    })
    expect(await after.next()).toMatchObject({ cmd: 'connack', sessionPresent: true })
    await core.until(() => core.links.has('pump-1'))
    core.links.get('pump-1')?.deliver(command('c2'))
    expect(await after.next()).toMatchObject({ topic: 'telehub/v1/pump-1/commands/c2' })
  })

  it('stop at unsubscribe', async () => {
    const session = await hub.session(await hub.deviceKey('pump-1'))
    await hub.linked(session, 'pump-1')
    session.send({ cmd: 'unsubscribe', messageId: 3, unsubscriptions: ['telehub/v1/pump-1/commands/+'] })
    await hub.core.until(() => !hub.core.links.has('pump-1'))
  })

  it('reach through a gateway every device that it has spoken for', async () => {
    const { core } = hub
    const session = await hub.session(await hub.gatewayKey())
    session.send(
      subscribePacket('telehub/v1/+/commands/+'),
      publishPacket('telehub/v1/pump-1/telemetry', '{"t":1}', 1),
      publishPacket('telehub/v1/pump-2/status', 'online', 2),
    )
    await core.until(() => core.links.has('pump-1') && core.links.has('pump-2'))
    session.end()
    await core.until(() => core.links.size === 0)
  })
})

describe('links', () => {
  it('of a device that connects again replace the older session (M14)', async () => {
    const key = await hub.deviceKey('pump-1')
    const older = await hub.session(key, { clientId: 'a' })
    await hub.linked(older, 'pump-1')
    const newer = await hub.session(key, { clientId: 'b' })
    await hub.linked(newer, 'pump-1')
    expect(await older.closed).toBe('closed')

    hub.core.links.get('pump-1')?.deliver(command('c1'))
    expect(await newer.next()).toMatchObject({ cmd: 'publish' })
  })

  it('of a gateway leave its session alone when one device is linked elsewhere', async () => {
    const { core } = hub
    const gateway = await hub.session(await hub.gatewayKey())
    await hub.linked(gateway, 'pump-1')
    await hub.linked(await hub.session(await hub.deviceKey('pump-1')), 'pump-1')
    gateway.send(publishPacket('telehub/v1/pump-1/telemetry', '{"t":1}', 1))
    expect(await gateway.next()).toMatchObject({ cmd: 'puback' })
    expect(core.links.size).toBe(1)
  })

  it('end with their key', async () => {
    const key = await hub.deviceKey('pump-1')
    const session = await hub.session(key)
    await hub.linked(session, 'pump-1')
    await hub.keys.revoke(key.id)
    expect(await session.closed).toBe('closed')
    await hub.core.until(() => !hub.core.links.has('pump-1'))
  })

  it('of two keys do not meet, though their client ids are the same', async () => {
    const first = await hub.session(await hub.deviceKey('pump-1'), { clientId: 'same' })
    await hub.session(await hub.deviceKey('pump-2'), { clientId: 'same' })
    first.send({ cmd: 'pingreq' })
    expect(await first.next()).toMatchObject({ cmd: 'pingresp' })
  })
})

it('says who wants a port that is taken', async () => {
  const { keys, core, port } = hub
  const { intake, devices, commands, clock, log } = core
  const second = startBroker({ host: '127.0.0.1', port, keys, intake, devices, commands, clock, log })
  await expect(second).rejects.toThrow(`Port ${port} is taken. Free it, or set TELEHUB_MQTT_PORT`)
})

describe.skipIf(!available('mosquitto-clients'))('the programs of Mosquitto', () => {
  const login = ({ username, password }: Login) => [
    '-h',
    '127.0.0.1',
    '-p',
    String(hub.port),
    '-u',
    username,
    '-P',
    password,
  ]

  it('mosquitto_pub -q 1 returns only after the journal has the reading', async () => {
    const { core } = hub
    core.disk.state = 'held'
    const args = [
      ...login(await hub.deviceKey('pump-1')),
      '-q',
      '1',
      '-t',
      'telehub/v1/pump-1/telemetry',
      '-m',
      '{"temperature":21.5}',
    ]
    let returned = false
    const published = promisify(execFile)('mosquitto_pub', args).finally(() => {
      returned = true
    })
    await core.until(() => core.waiting === 1)
    expect(returned).toBe(false)
    core.sync()
    await published
    expect(core.kept).toEqual([{ device: 'pump-1', readings: [{ values: { temperature: 21.5 } }] }])
  })

  it('mosquitto_sub receives a command', async () => {
    const args = [...login(await hub.deviceKey('pump-1')), '-q', '1', '-C', '1', '-t', 'telehub/v1/pump-1/commands/+']
    const child = spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const line = once(createInterface({ input: child.stdout }), 'line')
    await hub.core.until(() => hub.core.links.has('pump-1'))
    hub.core.links.get('pump-1')?.deliver(command('c1'))
    expect(JSON.parse(String(await line))).toMatchObject({ type: 'command', id: 'c1' })
    await once(child, 'exit')
  })

  it('mosquitto_pub says that a wrong key is refused', async () => {
    const { username } = await hub.deviceKey('pump-1')
    const args = [...login({ username, password: 'wrong' }), '-q', '1', '-t', 'telehub/v1/pump-1/telemetry', '-m', '{}']
    await expect(promisify(execFile)('mosquitto_pub', args)).rejects.toThrow(/user ?name or password/i)
  })
})
