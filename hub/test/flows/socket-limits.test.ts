// What a socket may not do, and the answer it gets; a bystander never notices.

import type { createConnection } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createHeardLog, startTestHub, type TestHub } from '../running-hub.ts'
import { openDevice, openWire, type WireSocket } from '../wire-socket.ts'

interface Problem {
  type: 'error'
  code: string
  ref?: string
}

describe('on a socket', () => {
  const log = createHeardLog()
  let hub: TestHub
  let bystander: WireSocket

  const asProgram = () =>
    openWire(`${hub.url}/ws/console`, { headers: { authorization: `Bearer ${hub.key('admin')}` } })
  const asStranger = () => openWire(`${hub.url}/ws/device`)

  beforeAll(async () => {
    hub = await startTestHub({}, log)
    bystander = await asProgram()
  })
  afterAll(async () => {
    bystander.send({ type: 'ping', at: 1 })
    await bystander.next('pong')
    expect(log.text()).not.toMatch(/"level":"error"/)
    await hub.stop()
  })

  it('a message past the limit closes with 1009', async () => {
    const wire = await asProgram()
    wire.send('x'.repeat(65_537))
    expect((await wire.closed).code).toBe(1009)
  })

  it('a frame that claims 101 MiB closes with 1009 before it is buffered', async () => {
    const wire = await asProgram()
    const raw = (wire.socket as unknown as { _socket: ReturnType<typeof createConnection> })._socket
    const head = Buffer.alloc(14)
    head[0] = 0x81
    head[1] = 0x80 | 127
    head.writeBigUInt64BE(BigInt(101 * 1024 * 1024), 2)
    raw.write(head)
    expect((await wire.closed).code).toBe(1009)
  })

  it.each([
    ['an unmasked frame', [0x81, 0x02, 0x7b, 0x7d]],
    ['reserved bits', [0xf1, 0x80, 0, 0, 0, 0]],
    ['a reserved opcode', [0x83, 0x80, 0, 0, 0, 0]],
    ['a fragmented ping', [0x09, 0x80, 0, 0, 0, 0]],
    ['a ping of 126 bytes', [0x89, 0xfe, 0, 126, 0, 0, 0, 0]],
  ])('%s closes with 1002', async (_, bytes) => {
    const wire = await asProgram()
    ;(wire.socket as unknown as { _socket: ReturnType<typeof createConnection> })._socket.write(Buffer.from(bytes))
    expect((await wire.closed).code).toBe(1002)
  })

  it('text that is not UTF-8 closes with 1007', async () => {
    const wire = await asProgram()
    wire.socket.send(Buffer.from([0xff, 0xfe]), { binary: false })
    expect((await wire.closed).code).toBe(1007)
  })

  it('a binary message on a JSON channel closes with 1003', async () => {
    const wire = await asProgram()
    wire.socket.send(Buffer.from('{}'), { binary: true })
    expect((await wire.closed).code).toBe(1003)
  })

  it.each([
    ['not JSON', '{', 'bad-json'],
    ['NaN', '{"type":"ping","at":NaN}', 'bad-json'],
    ['an unknown type', '{"type":"dance","id":"x"}', 'bad-message'],
    ['a watch without an id', '{"type":"watch","devices":"*"}', 'bad-message'],
    ['an id that is a number', '{"type":"watch","id":1,"devices":"*"}', 'bad-message'],
    [
      'too many levels',
      `{"type":"command","id":"x","device":"a","name":"b","params":{"a":${'['.repeat(20)}${']'.repeat(20)}}}`,
      'too-deep',
    ],
    ['20,000 levels', '['.repeat(20_000), 'too-deep'],
    ['a watch of a device that does not exist', '{"type":"watch","id":"x","devices":["nobody"]}', 'not-found'],
  ])('%s is answered and the socket stays', async (_, message, code) => {
    const wire = await asProgram()
    wire.send(message)
    expect((await wire.next<Problem>('error')).code).toBe(code)
    wire.send({ type: 'ping', at: 7 })
    await wire.next('pong')
    wire.close()
  })

  it('nothing but nonsense closes with 4400', async () => {
    const wire = await asProgram()
    for (let i = 0; i < 20; i++) wire.send('{')
    expect((await wire.closed).code).toBe(4400)
  })

  it('too many messages a second close with 4429', async () => {
    const wire = await asProgram()
    for (let i = 0; i < 1_000; i++) wire.send({ type: 'ping', at: i })
    expect((await wire.closed).code).toBe(4429)
  })

  it('a flood of pings closes with 4429', async () => {
    const wire = await asProgram()
    for (let i = 0; i < 200; i++) wire.socket.ping()
    expect((await wire.closed).code).toBe(4429)
  })

  it('no word for five seconds closes with 4408', async () => {
    const [stranger, device] = await Promise.all([
      asStranger(),
      openWire(`${hub.url}/ws/device`, { headers: { authorization: `Bearer ${hub.key('gateway')}` } }),
    ])
    expect([(await stranger.closed).code, (await device.closed).code]).toEqual([4408, 4408])
  })

  it('the first message may be the key', async () => {
    const wire = await asStranger()
    wire.send({ type: 'auth', key: hub.key('gateway') })
    wire.send({ type: 'hello', device: 'late-key' })
    await wire.next('welcome')
    wire.close()
  })

  it.each([
    ['something else first', { type: 'hello', device: 'x' }, 4401],
    ['a wrong key', { type: 'auth', key: 'th_gateway_aaaaaaaaaaaa_x' }, 4401],
    ['more than 4 KiB first', { type: 'auth', key: 'x'.repeat(5_000) }, 1009],
  ])('%s closes a stranger', async (_, message, code) => {
    const wire = await asStranger()
    wire.send(message)
    expect((await wire.closed).code).toBe(code)
  })

  it('a second authentication closes with 4400', async () => {
    const wire = await asProgram()
    wire.send({ type: 'auth', key: hub.key('admin') })
    expect((await wire.closed).code).toBe(4400)
  })

  it('a device that connects again replaces its older link with 4409', async () => {
    const { secret } = await (
      await fetch(`${hub.url}/api/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.key('admin')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'device', device: 'twin', name: 'twin' }),
      })
    ).json()
    const older = await openDevice(hub.url, secret, 'twin')
    const newer = await openDevice(hub.url, secret, 'twin')
    expect((await older.closed).code).toBe(4409)
    newer.send({ type: 'readings', seq: 1, readings: [{ values: { a: 1 } }] })
    await newer.next('ack')
    newer.close()
  })

  it('a device key does not speak for another device', async () => {
    const { secret } = await (
      await fetch(`${hub.url}/api/v1/keys`, {
        method: 'POST',
        headers: { authorization: `Bearer ${hub.key('admin')}`, 'content-type': 'application/json' },
        body: JSON.stringify({ kind: 'device', device: 'honest', name: 'honest' }),
      })
    ).json()
    const wire = await openWire(`${hub.url}/ws/device`, { headers: { authorization: `Bearer ${secret}` } })
    wire.send({ type: 'hello', device: 'other' })
    expect([(await wire.next<Problem>('error')).code, (await wire.closed).code]).toEqual(['foreign-device', 4403])
  })

  it('a MessagePack message that refers to itself is refused, and the hub goes on', async () => {
    const wire = await openWire(`${hub.url}/ws/device`, { protocols: ['telehub.v1.msgpack'] })
    // Extension 0x70 points back at what came before: a few bytes stand for a tree without end.
    const bomb = Buffer.concat([
      Buffer.from([0x91, 0xd6, 0x69, 0, 0, 0, 1]),
      Buffer.from([0x92]),
      Buffer.from([0xd6, 0x70, 0, 0, 0, 1]),
      Buffer.from([0xd6, 0x70, 0, 0, 0, 1]),
    ])
    wire.socket.send(bomb, { binary: true })
    expect((await wire.closed).code).toBe(4408)
    expect((await fetch(`${hub.url}/healthz`)).ok).toBe(true)
  })

  it('what a peer says after it was shown out is not heard', async () => {
    const admin = { authorization: `Bearer ${hub.key('admin')}`, 'content-type': 'application/json' }
    const body = JSON.stringify({ kind: 'operator', name: 'leaver' })
    const { id, secret } = await (
      await fetch(`${hub.url}/api/v1/keys`, { method: 'POST', headers: admin, body })
    ).json()
    const device = await openDevice(hub.url, hub.key('gateway'), 'deaf', { profile: { commands: { ping: {} } } })
    const wire = await openWire(`${hub.url}/ws/console`, { headers: { authorization: `Bearer ${secret}` } })
    await wire.next('welcome')
    // A raw peer that does not answer the close: its frames still arrive.
    const raw = (wire.socket as unknown as { _socket: ReturnType<typeof createConnection> })._socket
    raw.removeAllListeners('data')
    await fetch(`${hub.url}/api/v1/keys/${id}`, { method: 'DELETE', headers: admin })
    wire.send({ type: 'command', id: 'x', device: 'deaf', name: 'ping' })
    bystander.send({ type: 'ping', at: 2 })
    await bystander.next('pong')
    const { commands } = await (await fetch(`${hub.url}/api/v1/commands?device=deaf`, { headers: admin })).json()
    expect(commands).toEqual([])
    wire.close()
    device.close()
  })
})
