// The MQTT carrier against a real Mosquitto, with a second client in the place of the hub.

import { connectAsync, type MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { available } from '../../../infra/services/available.ts'
import { freePort } from '../../../infra/services/free-port.ts'
import { startMosquitto } from '../../../infra/services/mosquitto.ts'
import { mqttCarrier } from './mqtt.ts'
import { createCarrierEvents, createEar, identity, message } from './testing.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Heard {
  readonly topic: string
  readonly text: string
  readonly retained: boolean
}

async function listen(url: string): Promise<{ client: MqttClient } & ReturnType<typeof createEar<Heard>>> {
  const client = await connectAsync(url)
  const ear = createEar<Heard>()
  client.on('message', (topic, payload, { retain }) => ear.hear({ topic, text: payload.toString(), retained: retain }))
  await client.subscribeAsync('telehub/v1/#', { qos: 1 })
  closers.push(() => client.endAsync())
  return { client, ...ear }
}

async function arrange() {
  const broker = await startMosquitto()
  closers.push(broker.stop)
  const ear = createCarrierEvents()
  const connection = mqttCarrier({ url: broker.url, key: 'th_gateway_id_secret' })(identity, ear.events)
  return { broker, connection, ...ear }
}

const topic = (rest: string) => `telehub/v1/pump-0001/${rest}`

describe.skipIf(!available('mosquitto'))('a device over MQTT', () => {
  it('leaves its profile and status with the broker, for a hub that comes later', async () => {
    const { broker, connection, until } = await arrange()
    expect(await until('up')).toEqual(['up', 64])
    const hub = await listen(broker.url)

    const profile = await hub.until((heard) => heard.topic === topic('profile'))
    const status = await hub.until((heard) => heard.topic === topic('status'))

    expect(profile).toMatchObject({ text: JSON.stringify(identity.profile), retained: true })
    expect(status).toMatchObject({ text: 'online', retained: true })
    await connection.goodbye()
  })

  it('sends readings and takes the PUBACK for their acknowledgement', async () => {
    const { broker, connection, until } = await arrange()
    await until('up')
    const hub = await listen(broker.url)
    connection.transmit(message(3))

    expect(await until('acked')).toEqual(['acked', 3, []])
    const telemetry = await hub.until((heard) => heard.topic === topic('telemetry'))
    expect(telemetry).toEqual({ topic: topic('telemetry'), text: JSON.stringify(message(3).readings), retained: false })
    await connection.goodbye()
  })

  it('hears commands and replies where the protocol says', async () => {
    const { broker, connection, until } = await arrange()
    await until('up')
    const hub = await listen(broker.url)
    const command = { type: 'command', id: 'c1', name: 'start', params: {}, expiresAt: 9 }
    await hub.client.publishAsync(topic('commands/c1'), JSON.stringify(command), { qos: 1 })
    expect(await until('command')).toEqual(['command', command])

    connection.reply({ id: 'c1', state: 'succeeded', result: { rpm: 5 } })

    const reply = await hub.until((heard) => heard.topic === topic('commands/c1/reply'))
    expect(JSON.parse(reply.text)).toEqual({ id: 'c1', state: 'succeeded', result: { rpm: 5 } })
    await connection.goodbye()
  })

  it('says goodbye, as a proper end throws its last will away', async () => {
    const { broker, connection, until } = await arrange()
    await until('up')
    const hub = await listen(broker.url)
    await connection.goodbye()

    expect(await hub.until(({ text }) => text === 'offline')).toMatchObject({ topic: topic('status') })
  })

  it('has a last will for when it vanishes', async () => {
    const { broker, connection, until } = await arrange()
    await until('up')
    const hub = await listen(broker.url)
    connection.abort()

    expect(await hub.until(({ text }) => text === 'offline')).toMatchObject({ topic: topic('status') })
  })

  it('tells once that the broker is gone', async () => {
    const { broker, until, said } = await arrange()
    await until('up')
    await broker.kill()

    expect(await until('down')).toEqual(['down', expect.any(String), { final: false }])
    expect(said.filter(([event]) => event === 'down')).toHaveLength(1)
  })

  it('says that nothing answers where nothing does', async () => {
    const { events, until } = createCarrierEvents()
    mqttCarrier({ url: `mqtt://127.0.0.1:${await freePort()}`, key: 'k' })(identity, events)

    expect(await until('down')).toEqual(['down', expect.stringContaining('ECONNREFUSED'), { final: false }])
  })

  it('is refused for good by a broker that does not let it in', async () => {
    const broker = await startMosquitto({ config: ['allow_anonymous false'] })
    closers.push(broker.stop)
    const { events, until } = createCarrierEvents()
    mqttCarrier({ url: broker.url, key: 'th_gateway_id_secret' })(identity, events)

    expect(await until('down')).toEqual(['down', expect.stringContaining('ot authorized'), { final: true }])
  })
})
