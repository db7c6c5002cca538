// What each resource answers, with the real core behind it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { allowedOrigin, type HttpHub, startHttpHub } from '../../../test/http-hub.ts'
import { HubError } from '../../core/errors.ts'
import type { HistoryReader } from '../../core/history/history.ts'
import type { Profile } from '../../protocol/index.ts'

let hub: HttpHub
beforeEach(async () => {
  hub = await startHttpHub()
})
afterEach(() => hub.close())

const profile: Profile = {
  type: 'pump',
  name: 'Pump 1',
  tags: ['hall-2'],
  commands: {
    set_speed: {
      params: { type: 'object', required: ['rpm'], properties: { rpm: { type: 'integer', maximum: 3000 } } },
    },
  },
}
const reading = (temperature: unknown) => ({ values: { temperature } })

describe('readings', () => {
  it('are answered once the journal has them', async () => {
    const { status, body } = await hub.ask('POST', '/api/v1/readings', {
      as: 'device',
      body: { readings: [reading(21.5), reading(22)] },
    })
    expect({ status, body }).toEqual({ status: 200, body: { accepted: 2, rejected: [], durable: 'disk' } })
    expect(hub.journal.entries.map(({ batch }) => [batch.device, batch.count])).toEqual([['pump-1', 2]])
  })

  it('of several devices come in one body, and what is wrong is counted over all of it', async () => {
    const body = [
      { device: 'a', readings: [reading(1), reading(2)] },
      { device: 'b', readings: [reading(1), { values: { __proto: 1, constructor: 2 } }, reading(null)] },
    ]
    const answer = await hub.ask('POST', '/api/v1/readings', { as: 'gateway', body })
    expect(answer.body).toMatchObject({
      accepted: 3,
      rejected: [
        { index: 3, metric: '__proto', code: 'bad-name' },
        { index: 3, metric: 'constructor', code: 'bad-name' },
        { index: 4, metric: 'temperature', code: 'value-type' },
      ],
    })
  })

  it('of another device are refused, as is a gateway that names none', async () => {
    const foreign = await hub.ask('POST', '/api/v1/readings', {
      as: 'device',
      body: { device: 'pump-2', readings: [reading(1)] },
    })
    expect(foreign).toMatchObject({ status: 403, body: { code: 'foreign-device' } })
    const nameless = await hub.ask('POST', '/api/v1/readings', { as: 'gateway', body: [{ readings: [reading(1)] }] })
    expect(nameless).toMatchObject({ status: 400, body: { errors: [{ pointer: '/0/device' }] } })
  })

  it('that cannot be kept now are refused with a time to come back', async () => {
    hub.journal.fail = new HubError('journal-full', 'The journal has used its budget.', { retryAfterMs: 2_500 })
    const answer = await hub.ask('POST', '/api/v1/readings', { as: 'device', body: { readings: [reading(1)] } })
    expect(answer).toMatchObject({
      status: 503,
      body: { code: 'journal-full', type: 'urn:telehub:problem:journal-full', status: 503 },
    })
    expect(answer.headers.get('retry-after')).toBe('3')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })

  it('in the wrong shape are explained with a pointer', async () => {
    const answer = await hub.ask('POST', '/api/v1/readings', {
      as: 'gateway',
      body: [
        { device: 'a', readings: [reading(1)] },
        { device: 'a b', readings: {} },
      ],
    })
    expect(answer).toMatchObject({ status: 400, body: { code: 'bad-message' } })
    expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(['/1/device', '/1/readings'])
  })
})

describe('devices', () => {
  beforeEach(async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e'])
      await hub.devices.hello(id, { name: id.toUpperCase(), type: id < 'c' ? 'pump' : 'meter', tags: [`tag-${id}`] })
  })
  const ids = ({ body }: { body: { devices: { id: string }[] } }) => body.devices.map(({ id }) => id)

  it('are listed page by page', async () => {
    const first = await hub.ask('GET', '/api/v1/devices?limit=2&sort=-name', { as: 'viewer' })
    expect([ids(first), first.body.total]).toEqual([['e', 'd'], 5])
    const next = /^<(.+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? ''
    const second = await hub.ask('GET', next, { as: 'viewer' })
    expect(ids(second)).toEqual(['c', 'b'])
    const third = await hub.ask('GET', `${/^<(.+)>/.exec(second.headers.get('link') ?? '')?.[1]}`, { as: 'viewer' })
    expect([ids(third), third.headers.get('link')]).toEqual([['a'], null])
  })

  it.each([
    ['type=pump', ['a', 'b']],
    ['tag=tag-c', ['c']],
    ['q=TAG-D', ['d']],
    ['q=meter&sort=-id', ['e', 'd', 'c']],
    ['status=live', []],
  ])('are found by %s', async (query, expected) => {
    expect(ids(await hub.ask('GET', `/api/v1/devices?${query}`, { as: 'viewer' }))).toEqual(expected)
  })

  it.each(['limit=0', 'limit=1e9', 'limit=x', 'sort=colour', 'cursor=eHg', 'nonsense=1', 'limit=1&limit=2'])(
    'are not listed by %s',
    async (query) => {
      expect(await hub.ask('GET', `/api/v1/devices?${query}`, { as: 'viewer' })).toMatchObject({
        status: 400,
        body: { code: 'bad-request' },
      })
    },
  )

  it('are changed by people only as they last saw them', async () => {
    const { headers } = await hub.ask('GET', '/api/v1/devices/a', { as: 'viewer' })
    const patch = (etag: string) =>
      hub.ask('PATCH', '/api/v1/devices/a', {
        as: 'admin',
        body: { name: 'Front pump' },
        headers: { 'if-match': etag },
      })
    expect(await patch(headers.get('etag') ?? '')).toMatchObject({
      status: 200,
      body: { name: 'Front pump', version: 3 },
    })
    expect(await patch(headers.get('etag') ?? '')).toMatchObject({ status: 412, body: { code: 'precondition-failed' } })
    expect(await patch('2')).toMatchObject({ status: 400 })
  })

  it('are forgotten by admins only, and the audit knows who and who tried', async () => {
    expect(await hub.ask('DELETE', '/api/v1/devices/a', { as: 'operator' })).toMatchObject({ status: 403 })
    expect(
      await hub.ask('DELETE', '/api/v1/devices/a', { as: 'admin', headers: { origin: allowedOrigin } }),
    ).toMatchObject({ status: 204 })
    expect(await hub.ask('GET', '/api/v1/devices/a', { as: 'viewer' })).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    })
    const { body } = await hub.ask('GET', '/api/v1/audit', { as: 'admin' })
    expect(body.entries).toMatchObject([
      { action: 'device.remove', target: 'a', result: 'ok', origin: allowedOrigin },
      { action: 'device.remove', target: 'a', result: 'role-needed' },
    ])
  })

  it('introduce themselves over HTTP alone', async () => {
    expect(await hub.ask('PUT', '/api/v1/devices/pump-1/profile', { as: 'device', body: profile })).toMatchObject({
      status: 200,
      body: { id: 'pump-1', name: 'Pump 1' },
    })
    expect(await hub.ask('PUT', '/api/v1/devices/pump-2/profile', { as: 'device', body: profile })).toMatchObject({
      status: 403,
      body: { code: 'foreign-device' },
    })
    expect(await hub.ask('PUT', '/api/v1/devices/%20/profile', { as: 'gateway', body: profile })).toMatchObject({
      status: 422,
      body: { code: 'bad-name' },
    })
  })

  it('with a strange escape in the path are a bad request', async () => {
    expect(await hub.ask('GET', '/api/v1/devices/%', { as: 'viewer' })).toMatchObject({
      status: 400,
      body: { code: 'bad-request' },
    })
  })
})

describe('history', () => {
  beforeEach(() => hub.ask('POST', '/api/v1/readings', { as: 'device', body: { readings: [reading(1)] } }))

  it('is JSON in columns, CSV, or Parquet', async () => {
    const json = await hub.ask(
      'GET',
      '/api/v1/devices/pump-1/readings?metric=temperature&from=2025-01-01&to=1800000000000&points=10',
      { as: 'viewer' },
    )
    expect(json.body).toMatchObject({
      device: 'pump-1',
      to: 1_800_000_000_000,
      series: { temperature: { tier: 'raw', at: [], value: [] } },
    })
    const csv = await hub.ask('GET', '/api/v1/devices/pump-1/readings?format=csv', { as: 'viewer' })
    expect([csv.text, csv.headers.get('content-disposition')]).toEqual([
      'device,metric,at,time,value\r\n',
      'attachment; filename="pump-1.csv"',
    ])
    const buckets = await hub.ask('GET', '/api/v1/devices/pump-1/readings?format=csv&points=5', { as: 'viewer' })
    expect(buckets.text).toBe('device,metric,at,time,value,min,max,mean,count,first\r\n')
    const parquet = await hub.ask('GET', '/api/v1/devices/pump-1/readings?format=parquet', { as: 'viewer' })
    expect([parquet.status, parquet.headers.get('content-type'), parquet.text.slice(0, 4)]).toEqual([
      200,
      'application/vnd.apache.parquet',
      'PAR1',
    ])
  })

  it('is asked of several devices at once', async () => {
    await hub.ask('POST', '/api/v1/readings', { as: 'gateway', body: { device: 'pump-2', readings: [reading(2)] } })
    const { body } = await hub.ask('GET', '/api/v1/readings?device=pump-2,pump-1&metric=temperature', { as: 'viewer' })
    expect(body.histories.map(({ device }: { device: string }) => device)).toEqual(['pump-2', 'pump-1'])
    expect(await hub.ask('GET', '/api/v1/readings?metric=temperature', { as: 'viewer' })).toMatchObject({ status: 400 })
    expect(await hub.ask('GET', '/api/v1/readings?device=pump-9', { as: 'viewer' })).toMatchObject({ status: 404 })
    expect(await hub.ask('GET', '/api/v1/readings?device=pump-9&format=csv', { as: 'viewer' })).toMatchObject({
      status: 404,
      body: { code: 'not-found' },
    })
  })

  it.each(['format=xlsx', 'from=yesterday', 'from=20&to=10', 'points=0', 'points=1e9', 'metric=,'])(
    'is refused for %s',
    async (query) => {
      expect(await hub.ask('GET', `/api/v1/devices/pump-1/readings?${query}`, { as: 'viewer' })).toMatchObject({
        status: 400,
      })
    },
  )

  it('of an unknown device, also one that looks like a query language, is not found', async () => {
    const path = `/api/v1/devices/${encodeURIComponent("1'; DROP MEASUREMENT telemetry --")}/readings`
    expect(await hub.ask('GET', path, { as: 'viewer' })).toMatchObject({ status: 404 })
  })
})

describe('commands', () => {
  const sent: string[] = []
  beforeEach(async () => {
    sent.length = 0
    await hub.devices.hello('pump-1', profile)
  })
  const link = () =>
    hub.devices.attach('pump-1', {
      via: 'ws',
      close() {},
      deliver({ id }) {
        sent.push(id)
      },
    })
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    hub.ask('POST', '/api/v1/devices/pump-1/commands', { as: 'operator', body, headers })
  const setSpeed = { name: 'set_speed', params: { rpm: 900 } }

  it('are accepted, followed and answered within the wait', async () => {
    hub.devices.attach('pump-1', {
      via: 'ws',
      close() {},
      deliver: ({ id }) => void hub.commands.take('pump-1', { id, state: 'succeeded', result: { rpm: 900 } }),
    })
    const answer = await post(setSpeed, { prefer: 'respond-async, wait=5' })
    expect(answer).toMatchObject({
      status: 200,
      body: { state: 'succeeded', result: { rpm: 900 }, by: { name: 'Ann', kind: 'operator' } },
    })
    expect(answer.headers.get('preference-applied')).toBe('wait=5')
    expect(await hub.ask('GET', answer.headers.get('location') ?? '', { as: 'viewer' })).toMatchObject({
      status: 200,
      body: { id: answer.body.id },
    })
  })

  it('are told apart from repeats by their idempotency key', async () => {
    link()
    const headers = { 'idempotency-key': '"once"' }
    const first = await post(setSpeed, headers)
    expect(first.status).toBe(202)
    expect((await post(setSpeed, headers)).body.id).toBe(first.body.id)
    expect(await post({ ...setSpeed, params: { rpm: 1 } }, headers)).toMatchObject({
      status: 409,
      body: { code: 'idempotency-conflict' },
    })
    expect(sent).toHaveLength(1)
  })

  it.each([
    [{ name: 'set_speed', params: { rpm: 9000 } }, 422, 'bad-params'],
    [{ name: 'set_speed', params: { rpm: 900, force: true } }, 422, 'bad-params'],
    [{ name: 'explode' }, 422, 'unknown-command'],
    [{ name: 'set_speed', params: { rpm: 900 }, ifOffline: 'fail' }, 409, 'device-offline'],
    [{ params: {} }, 400, 'bad-message'],
    [{ name: 'set_speed', params: JSON.parse('{"rpm":1,"x":{"__proto__":1}}') }, 422, 'bad-name'],
  ])('like %j are answered %i %s', async (body, status, code) => {
    expect(await post(body)).toMatchObject({ status, body: { code } })
  })

  it('wait for a sleeping device, and can be cancelled and listed', async () => {
    const queued = await post({ ...setSpeed, ttlMs: 60_000 })
    expect(queued).toMatchObject({ status: 202, body: { state: 'queued' } })
    const path = `/api/v1/commands/${queued.body.id}/cancel`
    expect(await hub.ask('POST', path, { as: 'operator' })).toMatchObject({ status: 200, body: { state: 'cancelled' } })
    expect(await hub.ask('POST', path, { as: 'operator' })).toMatchObject({
      status: 409,
      body: { code: 'command-ended' },
    })
    await post({ ...setSpeed, ttlMs: 60_000 })
    const list = await hub.ask('GET', '/api/v1/commands?device=pump-1&limit=1', { as: 'viewer' })
    expect(list.body.commands).toMatchObject([{ state: 'queued' }])
    expect(list.headers.get('link')).toContain('rel="next"')
  })

  it('are kept in the audit with actor and target', async () => {
    link()
    const { body } = await post(setSpeed)
    const { body: audit } = await hub.ask('GET', '/api/v1/audit?limit=1', { as: 'admin' })
    expect(audit.entries).toMatchObject([
      { action: 'command.request', actor: body.by.key, target: `pump-1 set_speed ${body.id}`, result: 'ok' },
    ])
  })

  it('X08 by one user in a flood are slowed down', async () => {
    link()
    const answers = await Promise.all(Array.from({ length: 100 }, () => post(setSpeed)))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(30)
    expect(refused[0]).toMatchObject({ body: { code: 'too-fast' } })
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
  })
})

describe('origins', () => {
  it('are allowed and forbidden at once', async () => {
    const headers = { origin: 'https://new.test' }
    const asked = () => hub.ask('GET', '/api/v1/devices', { as: 'viewer', headers })
    expect(await asked()).toMatchObject({ status: 403 })
    expect(
      await hub.ask('POST', '/api/v1/origins', { as: 'admin', body: { origin: 'https://new.test', grant: 'viewer' } }),
    ).toMatchObject({
      status: 201,
      body: { origin: 'https://new.test', grant: 'viewer', source: 'records' },
    })
    expect(await asked()).toMatchObject({ status: 200 })
    expect((await hub.ask('GET', '/api/v1/origins/refused', { as: 'admin' })).body.refused).toEqual([])
    expect(
      await hub.ask('DELETE', `/api/v1/origins?origin=${encodeURIComponent('https://new.test')}`, { as: 'admin' }),
    ).toMatchObject({ status: 204 })
    expect(await asked()).toMatchObject({ status: 403 })
  })

  it('that are none are refused with what to write', async () => {
    const answer = await hub.ask('POST', '/api/v1/origins', { as: 'admin', body: { origin: 'new.test/path' } })
    expect(answer).toMatchObject({
      status: 422,
      body: { code: 'origin-invalid', detail: 'new.test/path: did you mean https://new.test' },
    })
  })

  it('of the environment stay', async () => {
    const answer = await hub.ask('DELETE', `/api/v1/origins?origin=${encodeURIComponent(allowedOrigin)}`, {
      as: 'admin',
    })
    expect(answer).toMatchObject({ status: 409, body: { code: 'conflict' } })
  })
})

describe('keys and tickets', () => {
  it('a key is shown once, works, and ends', async () => {
    const { status, body } = await hub.ask('POST', '/api/v1/keys', {
      as: 'admin',
      body: { kind: 'viewer', name: 'wall' },
    })
    expect(status).toBe(201)
    expect((await hub.ask('GET', '/api/v1/keys', { as: 'admin' })).text).not.toContain(body.secret)
    const asked = () => hub.ask('GET', '/api/v1/stats', { headers: { authorization: `Bearer ${body.secret}` } })
    expect(await asked()).toMatchObject({ status: 200 })
    expect(await hub.ask('DELETE', `/api/v1/keys/${body.id}`, { as: 'admin' })).toMatchObject({
      status: 200,
      body: { id: body.id },
    })
    expect(await asked()).toMatchObject({ status: 401, body: { code: 'unauthenticated' } })
  })

  it('a gateway makes keys for devices, and no other', async () => {
    expect(
      await hub.ask('POST', '/api/v1/keys', { as: 'gateway', body: { kind: 'device', name: 'x', device: 'x' } }),
    ).toMatchObject({ status: 201 })
    expect(await hub.ask('POST', '/api/v1/keys', { as: 'gateway', body: { kind: 'admin', name: 'x' } })).toMatchObject({
      status: 403,
    })
    expect(await hub.ask('GET', '/api/v1/keys', { as: 'gateway' })).toMatchObject({ status: 403 })
  })

  it('a ticket is bound to the origin that asked and to what it grants', async () => {
    const { status, body } = await hub.ask('POST', '/api/v1/tickets', {
      as: 'admin',
      headers: { origin: 'https://wall.example.com' },
    })
    expect(status).toBe(201)
    expect(hub.access.tickets.redeem(body.ticket, 'https://wall.example.com')).toMatchObject({
      caller: { kind: 'admin' },
      grant: 'viewer',
    })
  })
})

describe('dead letters', () => {
  const letter = (position: number) => ({
    id: `memory:${position}`,
    position,
    device: 'pump-1',
    metric: 'temperature',
    at: 1,
    value: position,
    receivedAt: 2,
    reason: 'cannot parse',
  })
  beforeEach(() => hub.deadLetters.letters.push(...[3, 5, 8].map(letter)))

  it('are for admins, page by page, and leave a trace in the audit', async () => {
    const first = await hub.ask('GET', '/api/v1/dead-letters?limit=2', { as: 'admin' })
    expect(first.body).toEqual({ deadLetters: [letter(3), letter(5)], total: 3, next: '5' })
    const second = await hub.ask('GET', `/api/v1/dead-letters?limit=2&cursor=${first.body.next}`, { as: 'admin' })
    expect(second.body).toEqual({ deadLetters: [letter(8)], total: 3 })
    expect(await hub.ask('GET', '/api/v1/dead-letters', { as: 'operator' })).toMatchObject({ status: 403 })
    expect(await hub.audit.list({ limit: 3 })).toMatchObject([
      { action: 'dead-letters.list', result: 'role-needed' },
      { action: 'dead-letters.list', result: 'ok', target: '1 readings' },
      { action: 'dead-letters.list', result: 'ok', target: '2 readings' },
    ])
  })

  it('leave when they are tried again and the store takes them, and leave a trace in the audit', async () => {
    const one = await hub.ask('POST', '/api/v1/dead-letters/retry', { as: 'admin', body: { ids: ['memory:5'] } })
    const rest = await hub.ask('POST', '/api/v1/dead-letters/retry', { as: 'admin', body: {} })
    expect([
      one.body,
      rest.body,
      hub.deadLetters.count,
      hub.store.written.map(({ columns }) => columns[0]?.[0]),
    ]).toEqual([{ stored: 1, refused: 0 }, { stored: 2, refused: 0 }, 0, [5, 3, 8]])
    expect((await hub.audit.list({ limit: 1 }))[0]).toMatchObject({
      action: 'dead-letters.retry',
      target: '2 stored, 0 refused',
    })
  })
})

describe('about the hub', () => {
  it('it says that it lives, and what it depends on', async () => {
    expect(await hub.ask('GET', '/healthz')).toMatchObject({ status: 200, body: { alive: true } })
    expect(await hub.ask('GET', '/readyz')).toMatchObject({
      status: 200,
      body: { ready: true, checks: { store: { ok: true } } },
    })
  })

  it('it gives figures to Prometheus', async () => {
    const { text, headers } = await hub.ask('GET', '/metrics')
    expect(headers.get('content-type')).toMatch(/^text\/plain/)
    for (const line of [
      'telehub_readings_rejected_total{code="bad-name"} 3',
      'telehub_messages_duplicate_total 2',
      'telehub_journal_time_to_full_seconds +Inf',
      'telehub_store_lag_seconds 1.5',
      'telehub_connections{kind="consoles"} 2',
      'nodejs_eventloop_lag_seconds',
    ])
      expect(text).toContain(line)
    expect((await hub.ask('GET', '/metrics')).text).toContain('telehub_messages_duplicate_total 2')
  })

  it('a client that is not built is not found, one that is can be imported by an allowed page', async () => {
    expect(await hub.ask('GET', '/client.js')).toMatchObject({ status: 404, body: { code: 'not-found' } })
    const dir = await mkdtemp(join(tmpdir(), 'telehub-client-'))
    try {
      await writeFile(join(dir, 'client.js'), 'export const connect = 1')
      const built = await startHttpHub({ clientFile: join(dir, 'client.js') })
      const { status, headers, text } = await built.ask('GET', '/client.js', { headers: { origin: allowedOrigin } })
      await built.close()
      expect([status, text]).toEqual([200, 'export const connect = 1'])
      expect(Object.fromEntries(headers)).toMatchObject({
        'content-type': 'text/javascript; charset=utf-8',
        'access-control-allow-origin': allowedOrigin,
        'cross-origin-resource-policy': 'cross-origin',
        vary: 'Origin',
      })
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it('says which methods a path has, and which headers keep a browser safe', async () => {
    const answer = await hub.ask('DELETE', '/api/v1/stats', { as: 'admin' })
    expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } })
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      allow: 'GET',
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    expect(answer.headers.get('strict-transport-security')).toBeNull()
    expect(answer.headers.get('x-powered-by')).toBeNull()
  })

  it('answers HEAD like GET, without the body', async () => {
    const { status, headers, text } = await hub.ask('HEAD', '/healthz')
    expect([status, headers.get('content-length'), text]).toEqual([200, '14', ''])
  })
})

it('an error nobody foresaw is logged and not shown, and the page can read that', async () => {
  const range = () => Promise.reject(new Error('secret cause'))
  const broken = await startHttpHub({ history: { range } as Partial<HistoryReader> as HistoryReader })
  const answer = await broken.ask('GET', '/api/v1/devices/a/readings', {
    as: 'viewer',
    headers: { origin: allowedOrigin },
  })
  await broken.close()
  expect(answer).toMatchObject({ status: 500, body: { code: 'hub-error' } })
  expect(answer.headers.get('access-control-allow-origin')).toBe(allowedOrigin)
  expect(answer.text).not.toContain('secret cause')
  expect(broken.log.text().match(/"level":"error"/g)).toHaveLength(1)
})

describe('a flood', () => {
  it('of one key is slowed down in words its page can read, and others are not', async () => {
    const slow = await startHttpHub({ budgets: { console: { perSecond: 5, burst: 5 } } })
    const headers = { origin: allowedOrigin }
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => slow.ask('GET', '/api/v1/stats', { as: 'viewer', headers })),
    )
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThanOrEqual(5)
    expect(refused[0]?.headers.get('access-control-allow-origin')).toBe(allowedOrigin)
    expect(await slow.ask('GET', '/api/v1/stats', { as: 'operator' })).toMatchObject({ status: 200 })
    await slow.close()
  })

  it('of wrong keys is slowed down by address, and good keys behind it are not', async () => {
    const slow = await startHttpHub({ budgets: { strangers: { perSecond: 5, burst: 5 } } })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        slow.ask('GET', '/api/v1/stats', { headers: { authorization: 'Bearer wrong' } }),
      ),
    )
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length
    expect(count(429)).toBeGreaterThanOrEqual(5)
    expect(count(401) + count(429)).toBe(20)
    expect(await slow.ask('GET', '/api/v1/stats', { as: 'viewer' })).toMatchObject({ status: 200 })
    await slow.close()
  })

  it('of refusals leaves few log lines', async () => {
    await Promise.all(Array.from({ length: 40 }, () => hub.ask('GET', '/nothing')))
    expect(hub.log.text().match(/request refused/g)?.length).toBeLessThanOrEqual(20)
  })
})
