// The bridge against a real Mosquitto: nothing that the broker took is lost on the way to the journal.

import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { available } from '../../../../infra/services/available.ts'
import { type Mosquitto, startMosquitto } from '../../../../infra/services/mosquitto.ts'
import { startBridge } from './bridge.ts'
import { command, createFakeCore, type FakeCore } from './testing/fake-core.ts'
import { startHub } from './testing/hub.ts'

type Bridge = Awaited<ReturnType<typeof startBridge>>

describe.skipIf(!available('mosquitto'))('the bridge', () => {
  let mosquitto: Mosquitto
  let core: FakeCore
  let bridge: Bridge
  let device: MqttClient

  /** The same hub again, after a stop. */
  async function start() {
    const connects = connected().length
    const { intake, devices, commands, clock, log } = core
    bridge = await startBridge({ url: mosquitto.url, intake, devices, commands, clock, log })
    await core.until(() => connected().length > connects)
  }
  const connected = () => core.lines.filter(({ event }) => event === 'outside broker connected')
  const publish = (values: object, topic = 'telehub/v1/pump-1/telemetry') =>
    device.publishAsync(topic, JSON.stringify({ at: 1, values }), { qos: 1 })
  /** They are written before anything that comes later is read: a message through the broker and back is late enough. */
  const acknowledgementsLeft = async () => {
    await device.publishAsync('telehub/v1/pump-1/commands/late/reply', '{"state":"running"}')
    await core.until(() => core.replies.some(({ reply }) => reply.id === 'late'))
  }
  const keptValues = () => core.kept.map(({ readings }) => (readings[0] as { values: { n: number } }).values.n)

  beforeEach(async () => {
    core = createFakeCore()
    mosquitto = await startMosquitto({ config: ['max_queued_messages 0', 'max_inflight_messages 1000'] })
    device = await mqtt.connectAsync(mosquitto.url)
    await start()
  })
  afterEach(async () => {
    await bridge.close()
    await device.endAsync(true)
    await mosquitto.stop()
  })

  it('hands readings, profiles and replies to the core', async () => {
    await publish({ n: 1 })
    await device.publishAsync('telehub/v1/pump-1/profile', '{"type":"pump"}', { qos: 1, retain: true })
    await device.publishAsync('telehub/v1/pump-1/commands/c1/reply', '{"state":"succeeded"}', { qos: 1 })
    await core.until(() => core.kept.length === 1 && core.profiles.size === 1 && core.replies.length === 1)
    expect(core.kept[0]).toEqual({ device: 'pump-1', readings: [{ at: 1, values: { n: 1 } }] })
    expect(core.replies[0]).toEqual({ device: 'pump-1', reply: { id: 'c1', state: 'succeeded' } })
  })

  it('lets many messages share one sync, and acknowledges them all', async () => {
    core.disk.state = 'held'
    for (let n = 0; n < 200; n++) void publish({ n })
    await core.until(() => core.waiting === 200)
    core.disk.state = 'open'
    core.sync()
    await core.until(() => core.kept.length === 200)
    await acknowledgementsLeft()

    await bridge.close()
    await start()
    await publish({ n: 200 })
    await core.until(() => keptValues().includes(200))
    expect(keptValues()).toEqual([...Array(201).keys()])
  })

  it('is sent again what the journal did not have when the hub went away', async () => {
    core.disk.state = 'held'
    for (let n = 0; n < 10; n++) void publish({ n })
    await core.until(() => core.waiting === 10)
    core.sync(4)
    await core.until(() => core.kept.length === 4)
    await acknowledgementsLeft()
    await bridge.close()

    core.disk.state = 'open'
    await start()
    await core.until(() => core.kept.length === 10)
    expect(keptValues()).toEqual([...Array(10).keys()])
  })

  it('is sent what was published while the hub was down', async () => {
    await bridge.close()
    for (let n = 0; n < 50; n++) await publish({ n })
    await start()
    await core.until(() => core.kept.length === 50)
    expect(keptValues()).toEqual([...Array(50).keys()])
  })

  it('holds back while the journal is full, and loses and repeats nothing when it has room again', async () => {
    core.disk.state = 'full'
    for (let n = 0; n < 20; n++) await publish({ n })
    await core.until(() => core.lines.some(({ fields }) => fields.reason === 'the journal refuses'))
    expect(core.kept).toEqual([])
    core.disk.state = 'open'
    await core.until(() => core.kept.length === 20)
    expect(keptValues()).toEqual([...Array(20).keys()])
  })

  it('acknowledges what can never be kept, and says why in the log', async () => {
    await device.publishAsync('telehub/v1/pump-1/telemetry', '{"n":NaN}', { qos: 1 })
    await publish({ n: 1 })
    await core.until(() => core.kept.length === 1)
    expect(core.lines).toContainEqual(
      expect.objectContaining({
        event: 'device message refused',
        fields: expect.objectContaining({ device: 'pump-1', code: 'bad-json' }),
      }),
    )
  })

  it('does not take retained telemetry without a time for a new reading', async () => {
    await device.publishAsync('telehub/v1/pump-2/telemetry', '{"n":7}', { qos: 1, retain: true })
    await core.until(() => core.kept.length === 1)
    await acknowledgementsLeft()
    await bridge.close()
    await start()
    await publish({ n: 8 })
    await core.until(() => core.kept.length === 2)
    expect(core.kept[1]).toMatchObject({ device: 'pump-1' })
  })

  it('links devices whose retained status is online, and sends them commands', async () => {
    await device.subscribeAsync('telehub/v1/pump-1/commands/+', { qos: 1 })
    await device.publishAsync('telehub/v1/pump-1/status', 'online', { qos: 1, retain: true })
    await core.until(() => core.links.has('pump-1'))
    const arrived = new Promise<string>((resolve) =>
      device.once('message', (_topic, payload) => resolve(String(payload))),
    )
    core.links.get('pump-1')?.deliver(command('c1', { name: 'set_speed', params: { rpm: 9 } }))
    expect(JSON.parse(await arrived)).toMatchObject({
      type: 'command',
      id: 'c1',
      name: 'set_speed',
      params: { rpm: 9 },
    })

    await bridge.close()
    expect(core.links.size).toBe(0)
    await start()
    await core.until(() => core.links.has('pump-1'))
    await device.publishAsync('telehub/v1/pump-1/status', 'offline', { qos: 1, retain: true })
    await core.until(() => core.links.size === 0)
  })

  it('connects again when the broker was away', async () => {
    await mosquitto.kill()
    await core.until(() => core.lines.some(({ event }) => event.startsWith('outside broker not connected')))
    expect(bridge.connected()).toBe(false)
    await mosquitto.restart()
    await core.until(() => connected().length === 2)
    expect(bridge.connected()).toBe(true)
  })
})

it('starts at once without a broker, and never tells its password', async () => {
  const core = createFakeCore()
  const bridge = await startBridge({ ...core, url: 'mqtt://hub:s3cret@127.0.0.1:1?clientId=hub-2' })
  await core.until(() => core.lines.length > 0)
  expect(bridge.connected()).toBe(false)
  await bridge.close()
  expect(core.lines).toMatchObject([{ level: 'warn', fields: { broker: 'mqtt://127.0.0.1:1' } }])
  expect(JSON.stringify(core.lines)).not.toContain('s3cret')
  await expect(startBridge({ ...core, url: 'http://hub:s3cret@broker' })).rejects.toThrow(/^(?!.*s3cret)/)
})

it('speaks MQTT 3.1.1 to a broker that knows nothing newer', async () => {
  const broker = await startHub()
  const { username, password } = await broker.gatewayKey()
  const core = createFakeCore()
  const bridge = await startBridge({ ...core, url: `mqtt://${username}:${password}@127.0.0.1:${broker.port}` })
  await core.until(() => core.lines.some(({ fields }) => fields.mqtt === '3.1.1'))
  await bridge.close()
  await broker.close()
})
