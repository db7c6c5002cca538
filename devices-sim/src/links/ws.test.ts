// The WebSocket carrier against a hub with real sockets.

import { Profile } from '@telehub/hub/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { createCarrierEvents, identity, type Manners, message, startTestHub } from './testing.ts'
import { wsCarrier } from './ws.ts'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

async function arrange({ format = 'json', ...manners }: Manners & { format?: 'json' | 'msgpack' } = {}) {
  const hub = await startTestHub(manners)
  const ear = createCarrierEvents()
  const connection = wsCarrier({ url: hub.url, key: 'th_gateway_id_secret', format })(identity, ear.events)
  closers.push(hub.close)
  return { hub, connection, ...ear }
}

describe.each(['json', 'msgpack'] as const)('a device over ws in %s', (format) => {
  it('introduces itself, sends readings and hears that they are on disk', async () => {
    const { hub, connection, until } = await arrange({ format })
    expect(await until('up')).toEqual(['up', 8])
    connection.transmit(message(3))

    expect(await until('acked')).toEqual(['acked', 3, []])
    expect(hub.messages.heard).toEqual([
      { type: 'hello', device: 'pump-0001', stream: 'run-pump-0001', profile: Profile.parse(identity.profile) },
      { type: 'readings', seq: 3, readings: message(3).readings },
    ])
    await connection.goodbye()
  })
})

describe('a device over ws', () => {
  it('shows its key and no origin, as it is no page', async () => {
    const { hub, connection, until } = await arrange()
    await until('up')

    expect(hub.upgrades[0]).toMatchObject({ authorization: 'Bearer th_gateway_id_secret' })
    expect(hub.upgrades[0]).not.toHaveProperty('origin')
    expect(hub.upgrades[0]).toMatchObject({ 'sec-websocket-protocol': 'telehub.v1.json' })
    await connection.goodbye()
  })

  it('hears of a nack and of when to try again', async () => {
    const nack = { type: 'nack', seq: 3, code: 'overloaded', detail: 'Too much.', retryAfterMs: 250 }
    const { connection, until } = await arrange({ readings: () => nack })
    await until('up')
    connection.transmit(message(3))

    expect(await until('nacked')).toEqual(['nacked', 3, 'overloaded', 250])
    await connection.goodbye()
  })

  it('hears commands and replies to them', async () => {
    const { hub, connection, until } = await arrange()
    await until('up')
    hub.say({ type: 'command', id: 'c1', name: 'start', params: {}, expiresAt: 9 })
    expect(await until('command')).toEqual([
      'command',
      { type: 'command', id: 'c1', name: 'start', params: {}, expiresAt: 9 },
    ])

    connection.reply({ id: 'c1', state: 'running', progress: 0.5 })

    const reply = await hub.messages.until(({ type }) => type === 'reply')
    expect(reply).toEqual({ type: 'reply', id: 'c1', state: 'running', progress: 0.5 })
    await connection.goodbye()
  })

  it('does not stumble over what it does not understand', async () => {
    const { hub, connection, until, said } = await arrange()
    await until('up')
    hub.say({ type: 'weather', sunny: true })
    connection.transmit(message(3))
    await until('acked')

    expect(said.map(([event]) => event)).toEqual(['up', 'acked'])
    await connection.goodbye()
  })

  it('says goodbye', async () => {
    const { hub, connection, until } = await arrange()
    await until('up')
    await connection.goodbye()

    expect(await hub.closings.until(() => true)).toEqual({ code: 1000, reason: 'goodbye' })
  })

  it('tells in the words of the hub why it was refused, and that it will be again', async () => {
    const body = {
      type: 'about:blank',
      title: 'No',
      status: 401,
      code: 'unauthenticated',
      detail: 'This key is not known.',
    }
    const { until } = await arrange({ upgrade: { status: 401, body } })

    expect(await until('down')).toEqual(['down', 'This key is not known.', { final: true }])
  })

  it('may try again when the hub is only busy', async () => {
    const { until } = await arrange({ upgrade: { status: 503, body: {} } })

    expect(await until('down')).toEqual(['down', 'the hub answered 503 No', { final: false }])
  })

  it.each([
    [1012, 'restarting', false],
    [4401, 'key expired', true],
    [4403, 'revoked', true],
    [4409, 'replaced by a newer link', true],
    [4429, 'too fast', false],
  ])('knows whether a closing with %i is for good', async (code, reason, final) => {
    const { hub, until } = await arrange()
    await until('up')
    hub.hangUp(code, reason)

    expect(await until('down')).toEqual(['down', reason, { final }])
  })

  it('leaves a device to a newer link that has taken it over', async () => {
    const { hub, until } = await arrange()
    await until('up')
    hub.say({ type: 'error', ref: 'pump-0001', code: 'conflict', detail: 'Linked by a newer connection.' })

    expect(await until('down')).toEqual(['down', 'Linked by a newer connection.', { final: true }])
  })

  it('says that nothing answers where nothing does', async () => {
    const hub = await startTestHub()
    await hub.close()
    const { events, until } = createCarrierEvents()
    wsCarrier({ url: hub.url, key: 'k', format: 'json' })(identity, events)

    expect(await until('down')).toEqual(['down', expect.stringContaining('ECONNREFUSED'), { final: false }])
  })
})
