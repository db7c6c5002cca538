// The M rows of the security design, at the wire: each gets its answer, and others go on being served.

import type { IConnectPacket, ISubackPacket, Packet } from 'mqtt-packet'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Hub, startHub } from './testing/hub.ts'
import { connectPacket, publishPacket, subscribePacket } from './testing/wire.ts'

let hub: Hub
beforeEach(async () => {
  hub = await startHub()
})
afterEach(async () => {
  // Whatever was tried, the broker lives and serves a bystander, and no key is in the log.
  const key = await hub.deviceKey('bystander')
  const bystander = await hub.session(key)
  bystander.send(publishPacket('telehub/v1/bystander/telemetry', '{"t":1}', 3))
  expect(await bystander.next()).toMatchObject({ cmd: 'puback', messageId: 3 })
  expect(JSON.stringify([hub.core.lines, hub.audited])).not.toMatch(/th_(device|gateway|admin)_/)
  expect(hub.core.lines.filter(({ level }) => level === 'error')).toEqual([])
  await hub.close()
})

const answerTo = async (packet: Partial<IConnectPacket>): Promise<Packet | 'closed'> => {
  const wire = await hub.wire()
  wire.send(connectPacket(packet))
  const answer = await wire.next()
  await wire.closed
  return answer
}
const loginOf = async (device: string) => {
  const { username, password } = await hub.deviceKey(device)
  return { username, password: Buffer.from(password) }
}

it('M01 a publish to the topic of another device closes the socket and stores nothing', async () => {
  for (const topic of [
    'telehub/v1/pump-2/telemetry',
    'telehub/v1/pump-1/commands/c1',
    'pump-1',
    '$SYS/x',
    'telehub/v1/pump-1/telemetry/x',
  ]) {
    const session = await hub.session(await hub.deviceKey('pump-1'))
    session.send(publishPacket(topic, '{"t":1}'))
    expect(await session.next()).toBe('closed')
  }
  expect(hub.core.kept).toEqual([])
  expect(hub.audited[0]).toEqual({
    action: 'mqtt publish',
    result: 'foreign-device',
    target: 'telehub/v1/pump-2/telemetry',
  })
})

it('M02 subscriptions to anything but own commands are refused one by one', async () => {
  const session = await hub.session(await hub.deviceKey('pump-1'))
  session.send(
    subscribePacket(
      '#',
      '+/+/cmd',
      'telehub/v1/pump-2/commands/+',
      'telehub/v1/+/commands/+',
      '$SYS/#',
      '$share/g/telehub/v1/pump-1/commands/+',
      'telehub/v1/pump-1/telemetry',
      'telehub/v1/pump-1/commands/+',
    ),
  )
  expect(((await session.next()) as ISubackPacket).granted).toEqual([128, 128, 128, 128, 128, 128, 128, 1])
  expect(hub.audited).toContainEqual({ action: 'mqtt subscribe', result: 'foreign-device', target: '#' })
})

it.each(['a#', 'a/#/b', '+a', ''])('M04 the filter %j is refused or closes', async (filter) => {
  const session = await hub.session(await hub.deviceKey('pump-1'))
  session.send(subscribePacket(filter))
  const answer = await session.next()
  expect(answer === 'closed' || (answer as ISubackPacket).granted).toSatisfy(
    (got) => got === true || (got as number[])[0] === 128,
  )
})

it('M06 a huge packet is closed at its header', async () => {
  const early = await hub.wire()
  early.raw(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x14, 0, 4, ...Buffer.from('MQTT'), 4, 2, 0, 60, 0, 4]))
  expect(await early.next()).toMatchObject({ cmd: 'connack', returnCode: 5 })
  await early.closed

  const late = await hub.session(await hub.deviceKey('pump-1'))
  late.raw(Buffer.from([0x32, 0x80, 0x80, 0x80, 0x64]))
  expect(await late.next()).toBe('closed')
  expect(hub.core.lines.map(({ fields }) => fields.reason)).toEqual(
    expect.arrayContaining(['connect-too-large', 'packet-too-large']),
  )
})

describe('M07', () => {
  it.each([
    ['HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['type 0', Buffer.from([0x00, 0x00])],
    ['type 15', Buffer.from([0xf0, 0x00])],
    ['a publish', Buffer.from([0x30, 5, 0, 1, 0x61, 0x31, 0x31])],
    ['a length of five bytes', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01])],
  ])('%s first is closed', async (_what, bytes) => {
    const wire = await hub.wire()
    wire.raw(bytes)
    expect(await wire.next()).toBe('closed')
  })

  it.each([
    ['a second CONNECT', connectPacket()],
    ['type 0', Buffer.from([0x00, 0x00])],
    ['type 15', Buffer.from([0xf0, 0x00])],
    ['QoS 3', Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1])],
    ['a length of five bytes', Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01])],
  ])('%s in a session is closed', async (_what, packet) => {
    const session = await hub.session(await hub.deviceKey('pump-1'))
    if (packet instanceof Uint8Array) session.raw(packet)
    else session.send(packet)
    expect(await session.next()).toBe('closed')
  })

  it('no CONNECT within five seconds is closed', async () => {
    const after = vi.spyOn(hub.core.clock, 'after')
    const wire = await hub.wire()
    wire.raw(Buffer.from([0x10]))
    await vi.waitFor(() => expect(after).toHaveBeenCalled())
    const [ms, giveUp] = after.mock.calls[0]!
    expect(ms).toBe(5_000)
    giveUp()
    expect(await wire.next()).toBe('closed')
  })
})

it.each([0, 3, 5, 6])('M08 protocol level %i is answered with return code 1', async (level) => {
  const wire = await hub.wire()
  wire.raw(Buffer.from([0x10, 13, 0, 4, ...Buffer.from('MQTT'), level, 2, 0, 60, 0, 1, 0x61]))
  expect(await wire.next()).toMatchObject({ cmd: 'connack', returnCode: 1 })
  expect(await wire.closed).toBe('closed')
})

it.each([
  ['__proto__', { clientId: '__proto__' }],
  ['../', { clientId: '../' }],
  ['of 10 KB', { clientId: 'x'.repeat(10_240) }],
  ['of 200 characters', { clientId: 'x'.repeat(200) }],
])('M09 a client id %s is answered with return code 2', async (_what, packet) => {
  expect(await answerTo({ ...(await loginOf('pump-1')), ...packet })).toMatchObject({ cmd: 'connack', returnCode: 2 })
})

it('M09 an empty client id without a clean session is answered with return code 2', async () => {
  const wire = await hub.wire()
  wire.raw(Buffer.from([0x10, 12, 0, 4, ...Buffer.from('MQTT'), 4, 0, 0, 60, 0, 0]))
  expect(await wire.next()).toMatchObject({ cmd: 'connack', returnCode: 2 })
})

it('M10 a last will goes to the own status topic only', async () => {
  const login = await loginOf('pump-1')
  const will = (topic: string, payload = 'offline') => ({
    ...login,
    will: { topic, payload: Buffer.from(payload), qos: 1 as const, retain: true },
  })
  for (const topic of ['telehub/v1/pump-2/status', 'telehub/v1/pump-1/telemetry', 'x']) {
    expect(await answerTo(will(topic))).toMatchObject({ cmd: 'connack', returnCode: 5 })
  }
  expect(await answerTo(will('telehub/v1/pump-1/status', 'x'.repeat(60_000)))).toMatchObject({
    cmd: 'connack',
    returnCode: 5,
  })

  const session = await hub.wire()
  session.send(connectPacket(will('telehub/v1/pump-1/status')))
  expect(await session.next()).toMatchObject({ cmd: 'connack', returnCode: 0 })
})

it('M12 retained telemetry is stored and not retained', async () => {
  const session = await hub.session(await hub.gatewayKey())
  session.send({
    cmd: 'publish',
    topic: 'telehub/v1/pump-1/telemetry',
    payload: '{"t":1}',
    qos: 1,
    messageId: 1,
    dup: false,
    retain: true,
  })
  expect(await session.next()).toMatchObject({ cmd: 'puback' })
  session.send(subscribePacket('telehub/v1/+/commands/#'))
  expect(await session.next()).toMatchObject({ cmd: 'suback' })
  session.send({ cmd: 'pingreq' })
  expect(await session.next()).toMatchObject({ cmd: 'pingresp' })
  expect(hub.core.kept).toHaveLength(1)
})

describe('M13', () => {
  it('wrong and misused keys are refused', async () => {
    const { username, password } = await loginOf('pump-1')
    const other = await loginOf('pump-2')
    const viewer = await hub.keys.create({ kind: 'viewer', name: 'wallboard' })
    const revoked = await hub.deviceKey('pump-3')
    await hub.keys.revoke(revoked.id)

    expect(await answerTo({ username, password: Buffer.from('no key') })).toMatchObject({ returnCode: 4 })
    expect(await answerTo({ username: 'pump-1' })).toMatchObject({ returnCode: 4 })
    expect(await answerTo({})).toMatchObject({ returnCode: 4 })
    expect(await answerTo({ username: 'pump-3', password: Buffer.from(revoked.password) })).toMatchObject({
      returnCode: 4,
    })
    expect(await answerTo({ username, password: other.password })).toMatchObject({ returnCode: 5 })
    expect(await answerTo({ username: other.username, password })).toMatchObject({ returnCode: 5 })
    expect(await answerTo({ username: viewer.id, password: Buffer.from(viewer.secret) })).toMatchObject({
      returnCode: 5,
    })
  })

  it('after some wrong tries the right key has to wait too, and the session that exists goes on', async () => {
    const login = await loginOf('pump-1')
    const session = await hub.wire()
    session.send(connectPacket(login))
    await session.next()

    for (let tries = 0; tries < 20; tries++) await answerTo({ username: 'pump-1', password: Buffer.from('guess') })
    expect(await answerTo(login)).toMatchObject({ cmd: 'connack', returnCode: 5 })
    session.send({ cmd: 'pingreq' })
    expect(await session.next()).toMatchObject({ cmd: 'pingresp' })
    expect(hub.audited.filter(({ action }) => action === 'mqtt connect').length).toBeLessThan(5)
  })
})

it.each([0, 1_201, 65_535])('M16 a keep-alive of %i s is refused', async (keepalive) => {
  expect(await answerTo({ ...(await loginOf('pump-1')), keepalive })).toMatchObject({ cmd: 'connack', returnCode: 5 })
})

it('M18 a thousand subscriptions in one packet get no more than the quota, a flood is closed', async () => {
  const session = await hub.session(await hub.gatewayKey())
  const filters = (from: number, count: number) =>
    Array.from({ length: count }, (_, n) => `telehub/v1/pump-${from + n}/commands/+`)
  session.send(subscribePacket(...filters(0, 1_000)))
  await session.next()
  session.send(subscribePacket(...filters(1_000, 1_000)))
  const { granted } = (await session.next()) as ISubackPacket
  expect(granted.filter((code) => code === 1)).toHaveLength(24)
  session.send(subscribePacket(...filters(2_000, 1_000)))
  expect(await session.next()).toBe('closed')
})

it('a QoS 2 publish is closed', async () => {
  const session = await hub.session(await hub.deviceKey('pump-1'))
  session.send({
    cmd: 'publish',
    topic: 'telehub/v1/pump-1/telemetry',
    payload: '{"t":1}',
    qos: 2,
    messageId: 1,
    dup: false,
    retain: false,
  })
  expect(await session.next()).toBe('closed')
  expect(hub.core.kept).toEqual([])
})
