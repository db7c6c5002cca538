// The HTTP and CORS rows of the attack table, at the wire: raw bytes against the real app.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allowedOrigin, type HttpHub, startHttpHub } from '../../../test/http-hub.ts'

let hub: HttpHub
beforeAll(async () => {
  hub = await startHttpHub()
})
afterAll(async () => {
  // After every attack: alive, serving others, nothing unforeseen happened, no secret in a log line.
  expect((await hub.ask('GET', '/api/v1/devices', { as: 'viewer' })).status).toBe(200)
  expect(hub.log.text()).not.toContain('"level":"error"')
  for (const secret of Object.values(hub.secrets)) expect(hub.log.text()).not.toContain(secret.slice(-43))
  await hub.close()
})

const path = '/api/v1/devices'
const request = (lines: string[], body = '') => `${lines.join('\r\n')}\r\n\r\n${body}`
const get = (...headers: string[]) => hub.raw(request([`GET ${path} HTTP/1.1`, 'Host: localhost', ...headers]))
const bearer = (kind: keyof HttpHub['secrets']) => `Authorization: Bearer ${hub.secrets[kind]}`
const withoutCors = (headers: Readonly<Record<string, string>>) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'))

describe('a foreign origin', () => {
  it('C01 is refused by name, without a CORS header', async () => {
    const answer = await get('Origin: https://evil.test', bearer('viewer'))
    expect(answer).toMatchObject({ status: 403, code: 'origin-not-allowed', headers: { vary: 'Origin' } })
    expect(answer.text).toContain('https://evil.test')
    expect(withoutCors(answer.headers)).toEqual([])
  })

  it('C02 cannot carry anything out with a request that needs no preflight', async () => {
    const before = hub.journal.entries.length
    const body = '{"device":"pump-1","readings":[{"values":{"temperature":1}}]}'
    const answer = await hub.raw(
      request(
        [
          'POST /api/v1/readings HTTP/1.1',
          'Host: localhost',
          'Origin: https://evil.test',
          bearer('device'),
          'Content-Type: text/plain',
          `Content-Length: ${body.length}`,
        ],
        body,
      ),
    )
    expect(answer).toMatchObject({ status: 403, code: 'origin-not-allowed' })
    expect(hub.journal.entries).toHaveLength(before)
  })

  it('C03 null is refused by its own code', async () => {
    expect(await get('Origin: null', bearer('viewer'))).toMatchObject({ status: 403, code: 'origin-null' })
  })

  it.each([
    'https://console.example.com.evil.test',
    'https://evilconsole.example.com',
    'https://consoleXexample.com',
    'http://console.example.com',
    'https://console.example.com:8443',
    'https://evilops.example.com',
    'https://a.b.ops.example.com',
    'https://ops.example.com',
    '',
  ])('C05 C06 C07 %j is refused', async (origin) => {
    expect(await get(`Origin: ${origin}`, bearer('viewer'))).toMatchObject({ status: 403, code: 'origin-not-allowed' })
  })

  it('C07 with the default port written out is the same origin', async () => {
    const answer = await get(`Origin: ${allowedOrigin}:443`, bearer('viewer'))
    expect(answer).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': allowedOrigin } })
  })

  it('sent twice is a bad request', async () => {
    expect(await get(`Origin: ${allowedOrigin}`, 'Origin: https://evil.test', bearer('viewer'))).toMatchObject({
      status: 400,
      code: 'bad-request',
    })
  })

  it('is remembered for the origin doctor with what would allow it and what it resembles', async () => {
    await get('Origin: http://console.example.com')
    const { body } = await hub.ask('GET', '/api/v1/origins/refused', { as: 'admin' })
    expect(body.refused).toContainEqual(
      expect.objectContaining({
        origin: 'http://console.example.com',
        where: 'http',
        fix: 'telehub origins add insecure:http://console.example.com',
        nearest: { origin: allowedOrigin, differsIn: 'the scheme (https, not http)' },
      }),
    )
  })
})

describe('a preflight', () => {
  const preflight = (origin: string, ...more: string[]) =>
    hub.raw(
      request([
        `OPTIONS ${path} HTTP/1.1`,
        'Host: localhost',
        `Origin: ${origin}`,
        'Access-Control-Request-Method: PATCH',
        ...more,
      ]),
    )
  const expected = {
    'access-control-allow-origin': allowedOrigin,
    'access-control-allow-methods': 'GET,POST,PUT,PATCH,DELETE',
    'access-control-allow-headers': 'Authorization,Content-Type,If-Match,Idempotency-Key,Prefer',
    'access-control-max-age': '600',
    vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
  }

  it('C09 of a listed origin gets fixed lists', async () => {
    const answer = await preflight(allowedOrigin, 'Access-Control-Request-Headers: authorization')
    expect(answer).toMatchObject({ status: 204, headers: expected })
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials')
  })

  it('C10 for something unknown gets the same lists, without it', async () => {
    const bytes = request([
      `OPTIONS ${path} HTTP/1.1`,
      'Host: localhost',
      `Origin: ${allowedOrigin}`,
      'Access-Control-Request-Method: TRACE',
      'Access-Control-Request-Headers: x-evil',
    ])
    expect(await hub.raw(bytes)).toMatchObject({ status: 204, headers: expected })
  })

  it('C11 of a foreign origin gets no CORS header at all', async () => {
    const answer = await preflight('https://evil.test')
    expect(answer).toMatchObject({ status: 403, code: 'origin-not-allowed', headers: { vary: expected.vary } })
    expect(withoutCors(answer.headers)).toEqual([])
  })

  it('C17 about the private network is not answered', async () => {
    const answer = await preflight(allowedOrigin, 'Access-Control-Request-Private-Network: true')
    expect(answer.status).toBe(204)
    expect(answer.headers).not.toHaveProperty('access-control-allow-private-network')
  })
})

describe('a body', () => {
  const post = (contentType: string, body = '{"name":"x"}', ...headers: string[]) =>
    hub.raw(
      request(
        [
          'POST /api/v1/keys HTTP/1.1',
          'Host: localhost',
          `Origin: ${allowedOrigin}`,
          bearer('admin'),
          `Content-Type: ${contentType}`,
          ...(headers.length > 0 ? headers : [`Content-Length: ${body.length}`]),
        ],
        body,
      ),
    )

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json; charset=utf-16',
    'application/jsonx',
    '',
  ])('C13 of type %j is not read', async (type) =>
    expect(await post(type)).toMatchObject({ status: 415, code: 'unsupported-media-type' }),
  )

  it('P26 that is compressed is not unpacked', async () => {
    expect(
      await post('application/json', 'x'.repeat(20), 'Content-Encoding: gzip', 'Content-Length: 20'),
    ).toMatchObject({ status: 415 })
  })

  it('P26 that claims or has more than allowed is refused', async () => {
    expect(await post('application/json', '{', 'Content-Length: 1048577')).toMatchObject({
      status: 413,
      code: 'too-large',
    })
    const chunk = `${(600_000).toString(16)}\r\n${' '.repeat(600_000)}\r\n`
    expect(await post('application/json', `${chunk}${chunk}0\r\n\r\n`, 'Transfer-Encoding: chunked')).toMatchObject({
      status: 413,
    })
  })

  it('P16 nested 200,000 levels is refused before it is built', async () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000)
    const startedAt = performance.now()
    expect(await post('application/json', deep)).toMatchObject({ status: 400, code: 'too-deep' })
    expect(performance.now() - startedAt).toBeLessThan(500)
  })

  it.each([
    ['NaN', 'bad-json'],
    ['{"name":', 'bad-json'],
    ['"\xff"', 'bad-json'],
    ['{"kind":"viewer","name":"x","__proto__":{"kind":"admin"}}', 'bad-name'],
    ['{"kind":"root","name":"x"}', 'bad-message'],
    ['', 'bad-json'],
  ])('%j is %s', async (body, code) => expect(await post('application/json', body)).toMatchObject({ code }))

  it('leaves no trace on objects', () => {
    expect(({} as Record<string, unknown>).kind).toBeUndefined()
  })
})

it('C14 errors can be read by the page they are for', async () => {
  const cors = { 'access-control-allow-origin': allowedOrigin, vary: 'Origin' }
  const origin = `Origin: ${allowedOrigin}`
  const answers = {
    400: await hub.raw(request([`GET ${path}?limit=x HTTP/1.1`, 'Host: localhost', origin, bearer('viewer')])),
    401: await get(origin),
    403: await hub.raw(request(['GET /api/v1/keys HTTP/1.1', 'Host: localhost', origin, bearer('viewer')])),
    404: await hub.raw(request(['GET /api/v1/nothing HTTP/1.1', 'Host: localhost', origin, bearer('viewer')])),
    405: await hub.raw(request(['DELETE /api/v1/stats HTTP/1.1', 'Host: localhost', origin, bearer('viewer')])),
    413: await hub.raw(
      request([
        'POST /api/v1/keys HTTP/1.1',
        'Host: localhost',
        origin,
        bearer('admin'),
        'Content-Type: application/json',
        'Content-Length: 99999999',
      ]),
    ),
  }
  for (const [status, answer] of Object.entries(answers))
    expect(answer).toMatchObject({ status: Number(status), headers: cors })
})

describe('C15 a Host', () => {
  it.each(['evil.test', 'localhost.evil.test', '127.0.0.1.nip.io', 'user@localhost', '0.0.0.0'])(
    '%s is not ours',
    async (host) => {
      const answer = await hub.raw(
        request([`GET ${path} HTTP/1.1`, `Host: ${host}`, `Origin: ${allowedOrigin}`, bearer('viewer')]),
      )
      expect(answer).toMatchObject({ status: 421, code: 'host-not-allowed' })
      expect(withoutCors(answer.headers)).toEqual([])
    },
  )

  it('of another name that was configured is ours', async () => {
    expect(await hub.raw(request([`GET ${path} HTTP/1.1`, 'Host: hub.example.com', bearer('viewer')]))).toMatchObject({
      status: 200,
    })
  })

  it('sent twice, or not at all, is a bad request', async () => {
    expect(await get('Host: localhost', bearer('viewer'))).toMatchObject({ status: 400 })
    expect(await hub.raw(request([`GET ${path} HTTP/1.0`, bearer('viewer')]))).toMatchObject({ status: 400 })
    expect(await hub.raw(request([`GET ${path} HTTP/1.1`, bearer('viewer')]))).toMatchObject({ status: 400 })
  })
})

describe('C16 bytes that are not quite HTTP', () => {
  it('an Origin of 20 KB', async () => {
    expect(await get(`Origin: https://${'a'.repeat(20_000)}.test`)).toMatchObject({ status: 431 })
  })

  it('two lengths', async () => {
    const bytes = request(
      ['POST /api/v1/readings HTTP/1.1', 'Host: localhost', 'Content-Length: 5', 'Transfer-Encoding: chunked'],
      '0\r\n\r\nGET /x HTTP/1.1\r\nHost: localhost\r\n\r\n',
    )
    expect(await hub.raw(bytes)).toMatchObject({ status: 400 })
  })

  it('bare line feeds', async () => {
    expect(await hub.raw(`GET ${path} HTTP/1.1\nHost: localhost\n\n`)).toMatchObject({ status: 400 })
  })

  it('no HTTP at all', async () => {
    expect(await hub.raw('\x10\x0e\x00\x04MQTT\x04\x02\x00<\x00\x02hi\r\n\r\n')).toMatchObject({
      status: 400,
      code: 'bad-request',
    })
  })
})

describe('C19 an Authorization that is none', () => {
  it.each([
    ['a cookie', ['Cookie: key=th_admin_x']],
    ['basic', ['Authorization: Basic YWRtaW46YWRtaW4=']],
    ['an empty bearer', ['Authorization: Bearer ']],
    ['two', ['Authorization: Bearer a', 'Authorization: Bearer b']],
    ['10 KB', [`Authorization: Bearer ${'a'.repeat(10_000)}`]],
  ])('%s', async (_, headers) => {
    const answer = await get(...headers)
    expect(answer).toMatchObject({ status: 401, code: 'bearer-required', headers: { 'www-authenticate': 'Bearer' } })
  })
})

describe('a key', () => {
  it.each(['key', 'token', 'access_token', 'ticket'])(
    'H12 in the URL as %s is refused and not logged',
    async (name) => {
      const answer = await hub.raw(request([`GET ${path}?${name}=${hub.secrets.admin} HTTP/1.1`, 'Host: localhost']))
      expect(answer).toMatchObject({ status: 400, code: 'token-in-url' })
      expect(answer.text).not.toContain(hub.secrets.admin)
    },
  )

  it('A03 of a device opens nothing for people, and the reverse', async () => {
    for (const kind of ['device', 'gateway'] as const)
      expect(await hub.ask('GET', path, { as: kind })).toMatchObject({ status: 403, body: { code: 'wrong-audience' } })
    for (const kind of ['viewer', 'operator', 'admin'] as const)
      expect(
        await hub.ask('POST', '/api/v1/readings', { as: kind, body: { device: 'pump-1', readings: [] } }),
      ).toMatchObject({
        status: 403,
        body: { code: 'wrong-audience' },
      })
  })

  it('A07 nobody made opens nothing: there are no default credentials', async () => {
    const guesses = [
      'admin',
      'th_admin_admin_admin',
      `th_admin_${'a'.repeat(12)}_${'a'.repeat(43)}`,
      'null',
      'undefined',
    ]
    for (const guess of guesses)
      expect(await get(`Authorization: Bearer ${guess}`)).toMatchObject({ status: 401, code: 'unauthenticated' })
  })

  it('A01 is refused in the same words, whatever was wrong with it', async () => {
    const wrong = await get(`Authorization: Bearer ${hub.secrets.viewer.slice(0, -4)}AAAA`)
    const unknown = await get(`Authorization: Bearer th_viewer_${'z'.repeat(12)}_${'z'.repeat(43)}`)
    expect(wrong.text.split('\r\n\r\n')[1]).toBe(unknown.text.split('\r\n\r\n')[1])
  })

  it('X01 that only reads cannot send a command', async () => {
    const answer = await hub.ask('POST', '/api/v1/devices/pump-1/commands', { as: 'viewer', body: { name: 'stop' } })
    expect(answer).toMatchObject({ status: 403, body: { code: 'role-needed' } })
  })

  it('of an admin can only look from a page that is granted no more', async () => {
    const headers = { origin: 'https://wall.example.com' }
    expect(await hub.ask('GET', path, { as: 'admin', headers })).toMatchObject({ status: 200 })
    expect(await hub.ask('GET', '/api/v1/keys', { as: 'admin', headers })).toMatchObject({
      status: 403,
      body: { code: 'role-needed' },
    })
  })
})

describe('the way in for devices', () => {
  it('is no way in for a page, even of an allowed origin', async () => {
    const body = { device: 'pump-1', readings: [{ values: { temperature: 1 } }] }
    const answer = await hub.ask('POST', '/api/v1/readings', {
      as: 'gateway',
      body,
      headers: { origin: allowedOrigin },
    })
    expect(answer).toMatchObject({ status: 403, body: { code: 'browser-on-device-endpoint' } })
  })
})

describe('the origin check', () => {
  it.each([
    [allowedOrigin, { origin: allowedOrigin, allowed: true }],
    ['https://evil.test', { allowed: false, fix: 'telehub origins add https://evil.test' }],
    ['null', { origin: 'null', allowed: false }],
  ])('tells %s about itself', async (origin, expected) => {
    const answer = await hub.ask('GET', '/api/v1/origin-check', { headers: { origin } })
    expect(answer).toMatchObject({ status: 200, body: expected })
    expect(answer.headers.get('access-control-allow-origin')).toBe('*')
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
  })

  it('says nothing about what else is allowed', async () => {
    const { text } = await hub.ask('GET', '/api/v1/origin-check', { headers: { origin: 'http://console.example.com' } })
    expect(text).not.toContain('https://')
  })
})
