// Who may open a socket: the handshake rows of the attack table, each with the hub alive and its reason said.

import { request as httpRequest } from 'node:http'
import { connect as tcpConnect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RefusedOrigin } from '../../src/protocol/index.ts'
import { createHeardLog, eventually, startTestHub, type TestHub } from '../running-hub.ts'
import { openWire } from '../wire-socket.ts'

const page = 'https://console.example.com'

describe('a handshake', () => {
  const log = createHeardLog()
  let hub: TestHub

  beforeAll(async () => {
    hub = await startTestHub({ ORIGINS: `${page} https://*.ops.example.com` }, log)
  })
  afterAll(async () => {
    const secrets = [hub.key('admin'), hub.key('gateway')]
    expect(secrets.filter((secret) => log.text().includes(secret))).toEqual([])
    expect((await fetch(`${hub.url}/healthz`)).status).toBe(200)
    await hub.stop()
  })

  async function ticket(origin = page): Promise<string> {
    const response = await fetch(`${hub.url}/api/v1/tickets`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.key('admin')}`, origin, 'content-type': 'application/json' },
      body: '{}',
    })
    return ((await response.json()) as { ticket: string }).ticket
  }
  const asPage = (given: string | undefined, origin: string | undefined = page, path = '/ws/console') =>
    openWire(hub.url + path, {
      protocols: ['telehub.v1.json', ...(given === undefined ? [] : [`ticket.${given}`])],
      ...(origin !== undefined && { headers: { origin } }),
    })
  const refusal = (opening: Promise<unknown>) =>
    opening.then(
      () => 'opened',
      (error) => `${error.status} ${error.body?.code}`,
    )

  it('of an allowed page with a ticket is a welcome, and only the subprotocol is echoed', async () => {
    const wire = await asPage(await ticket())
    expect([wire.socket.protocol, (await wire.next<{ type: string; role: string }>('welcome')).role]).toEqual([
      'telehub.v1.json',
      'admin',
    ])
    wire.close()
  })

  it('may name the ticket first', async () => {
    const wire = await openWire(`${hub.url}/ws/console`, {
      protocols: [`ticket.${await ticket()}`, 'telehub.v1.json'],
      headers: { origin: page },
    })
    expect(wire.socket.protocol).toBe('telehub.v1.json')
    wire.close()
  })

  it('of a program carries its key', async () => {
    const wire = await openWire(`${hub.url}/ws/console`, { headers: { authorization: `Bearer ${hub.key('admin')}` } })
    await wire.next('welcome')
    wire.close()
  })

  it('without an Origin and without a key is refused', async () => {
    const opening = openWire(`${hub.url}/ws/console`, { protocols: ['telehub.v1.json', `ticket.${await ticket()}`] })
    expect(await refusal(opening)).toBe('403 origin-missing')
  })

  it.each([
    ['another site', 'https://evil.test', 'origin-not-allowed'],
    ['null', 'null', 'origin-null'],
    ['our name as a prefix', `${page}.evil.test`, 'origin-not-allowed'],
    ['our name as a suffix', 'https://evilconsole.example.com', 'origin-not-allowed'],
    ['a dot that is any character', 'https://consoleXexample.com', 'origin-not-allowed'],
    ['http instead of https', 'http://console.example.com', 'origin-not-allowed'],
    ['another port', `${page}:8443`, 'origin-not-allowed'],
    ['no dot before the wildcard part', 'https://evilops.example.com', 'origin-not-allowed'],
    ['two labels for a wildcard', 'https://a.b.ops.example.com', 'origin-not-allowed'],
    ['the apex of a wildcard', 'https://ops.example.com', 'origin-not-allowed'],
    ['an address', 'https://192.0.2.7', 'origin-not-allowed'],
    ['localhost of somebody else', 'http://localhost.evil.test', 'origin-not-allowed'],
    ['a name that points to loopback', 'http://127.0.0.1.nip.io', 'origin-not-allowed'],
  ])('from %s is refused', async (_, origin, code) => {
    expect(await refusal(asPage(await ticket(), origin))).toBe(`403 ${code}`)
  })

  it('of a refused page uses up the ticket it brought', async () => {
    const burnt = await ticket()
    await refusal(asPage(burnt, 'https://evil.test'))
    expect(await refusal(asPage(burnt))).toBe('401 ticket-unknown')
  })

  it('passes with a wildcard of one label', async () => {
    const origin = 'https://hall.ops.example.com'
    const wire = await asPage(await ticket(origin), origin)
    wire.close()
  })

  it('with a ticket used before, changed, or of another origin is refused', async () => {
    const used = await ticket()
    const first = await asPage(used)
    first.close()
    const good = await ticket()
    const changed = (good[0] === 'A' ? 'B' : 'A') + good.slice(1)
    const foreign = await ticket('https://hall.ops.example.com')
    expect(await Promise.all([used, changed, foreign].map((given) => refusal(asPage(given))))).toEqual([
      '401 ticket-unknown',
      '401 ticket-unknown',
      '401 ticket-origin',
    ])
  })

  it('of a page on the device endpoint is refused, also with a key', async () => {
    const opening = openWire(`${hub.url}/ws/device`, {
      headers: { origin: page, authorization: `Bearer ${hub.key('gateway')}` },
    })
    expect(await refusal(opening)).toBe('403 browser-on-device-endpoint')
  })

  it.each([
    ['a gateway key at the console', '/ws/console', 'gateway' as const],
    ['an admin key at the devices', '/ws/device', 'admin' as const],
  ])('with %s is refused', async (_, path, kind) => {
    expect(await refusal(openWire(hub.url + path, { headers: { authorization: `Bearer ${hub.key(kind)}` } }))).toBe(
      '403 wrong-audience',
    )
  })

  it('with a key in the URL is refused', async () => {
    expect(await refusal(asPage(undefined, page, `/ws/console?token=${hub.key('admin')}`))).toBe('400 token-in-url')
  })

  it('for another host is refused, whatever its origin', async () => {
    const opening = openWire(`${hub.url}/ws/console`, { headers: { host: 'evil.test', origin: page } })
    expect(await refusal(opening)).toBe('421 host-not-allowed')
  })

  it('that offers compression gets none', async () => {
    const wire = await openWire(`${hub.url}/ws/console`, {
      perMessageDeflate: true,
      headers: { authorization: `Bearer ${hub.key('admin')}` },
    })
    expect(wire.socket.extensions).toBe('')
    wire.close()
  })

  it('at another path is refused', async () => {
    expect(await refusal(asPage(undefined, page, '/ws/nothing'))).toBe('404 not-found')
  })

  it('with only unknown subprotocols is refused', async () => {
    const opening = openWire(`${hub.url}/ws/console`, { protocols: ['mqtt'], headers: { origin: page } })
    expect(await refusal(opening)).toBe('400 bad-request')
  })

  it('with two Host headers or two Origins is a bad request', async () => {
    const status = (extra: string) =>
      new Promise<string>((resolve) => {
        const { hostname, port } = new URL(hub.url)
        const socket = tcpConnect(Number(port), hostname, () => {
          socket.write(
            `GET /ws/console HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${extra}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
          )
        })
        socket.once('data', (data) => {
          resolve(String(data).slice(9, 12))
          socket.destroy()
        })
      })
    expect([await status('Host: evil.test'), await status(`Origin: ${page}\r\nOrigin: https://evil.test`)]).toEqual([
      '400',
      '400',
    ])
  })

  it('leaves a record of what was refused, with the line that would allow it', async () => {
    await refusal(asPage(await ticket(), 'https://new.example.org'))
    const { refused } = (await (
      await fetch(`${hub.url}/api/v1/origins/refused`, { headers: { authorization: `Bearer ${hub.key('admin')}` } })
    ).json()) as { refused: RefusedOrigin[] }
    expect(refused.find(({ origin }) => origin === 'https://new.example.org')).toMatchObject({
      where: 'ws',
      code: 'origin-not-allowed',
      fix: expect.stringContaining('https://new.example.org'),
    })
  })
})

describe('a change of the policy', () => {
  it('works at once: an added origin gets in, a removed one is out', async () => {
    const hub = await startTestHub()
    const admin = { authorization: `Bearer ${hub.key('admin')}`, 'content-type': 'application/json' }
    const origin = 'https://later.example.com'
    const ask = () => fetch(`${hub.url}/api/v1/tickets`, { method: 'POST', headers: { ...admin, origin }, body: '{}' })
    expect((await ask()).status).toBe(403)

    await fetch(`${hub.url}/api/v1/origins`, { method: 'POST', headers: admin, body: JSON.stringify({ origin }) })
    const { ticket } = (await (await ask()).json()) as { ticket: string }
    const wire = await openWire(`${hub.url}/ws/console`, {
      protocols: ['telehub.v1.json', `ticket.${ticket}`],
      headers: { origin },
    })
    await wire.next('welcome')

    await fetch(`${hub.url}/api/v1/origins?origin=${encodeURIComponent(origin)}`, { method: 'DELETE', headers: admin })
    expect((await wire.closed).code).toBe(4403)
    await hub.stop()
  })

  it('ends the sockets of a revoked key', async () => {
    const hub = await startTestHub()
    const admin = hub.console()
    const { id, secret } = await eventually(() =>
      admin.request<{ id: string; secret: string }>('POST', '/keys', { kind: 'viewer', name: 'wall' }),
    )
    const wire = await openWire(`${hub.url}/ws/console`, { headers: { authorization: `Bearer ${secret}` } })
    await wire.next('welcome')
    await admin.request('DELETE', `/keys/${id}`)
    expect((await wire.closed).code).toBe(4403)
    await hub.stop()
  })
})

it('a slow handshake does not keep the hub from closing', async () => {
  const hub = await startTestHub()
  const open = httpRequest(`${hub.url}/healthz`, { method: 'POST', headers: { 'content-length': '10' } })
  open.on('error', () => {})
  open.write('x')
  await hub.stop()
  open.destroy()
})

it('a refused handshake whose peer never hangs up does not keep the hub from closing', async () => {
  const hub = await startTestHub()
  const { hostname, port } = new URL(hub.url)
  const socket = tcpConnect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.write(
    `GET /ws/console HTTP/1.1\r\nHost: ${hostname}:${port}\r\nOrigin: https://evil.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  )
  await new Promise((resolve) => socket.once('data', resolve))
  await hub.stop()
  socket.destroy()
})
