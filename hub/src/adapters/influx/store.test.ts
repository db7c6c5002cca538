// Shows what the store makes of faults, and the form of its requests to InfluxDB 2, by a server that plays InfluxDB.

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { available } from '../../../../infra/services/available.ts'
import { freePort } from '../../../../infra/services/free-port.ts'
import { type Influx, startInflux } from '../../../../infra/services/influxdb.ts'
import type { Batch, SeriesStore } from '../../core/ports.ts'
import type { InfluxOptions } from './store.ts'
import { openInfluxStore } from './store.ts'

const at = 1_700_000_000_000
const mark = { epoch: 'abc123', position: 1 }
const readings = (metric: string, value: number | string): Batch => {
  return { device: 'pump-1', receivedAt: at, at: [at], metrics: [metric], columns: [[value]], count: 1 }
}
const someReadings = [readings('temperature', 21.5)]
const whole = { from: 0, to: 2 * at, limit: 10 }

let folder: string
let opened: SeriesStore[] = []
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telehub-influx-'))
})
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()))
  opened = []
  await rm(folder, { recursive: true, force: true })
})

async function open(options: Omit<InfluxOptions, 'bucket' | 'markFile'> & { bucket?: string }): Promise<SeriesStore> {
  const store = await openInfluxStore({ bucket: 'telehub', markFile: join(folder, 'mark.json'), ...options })
  opened.push(store)
  return store
}

interface Seen {
  method: string
  path: string
  authorization: string | undefined
  body: string
}

type Answer = (response: ServerResponse, request: IncomingMessage) => void

describe('with a server that plays InfluxDB', () => {
  let server: Server
  let url: string
  let seen: Seen[]
  let answerWrite: Answer

  beforeEach(async () => {
    seen = []
    server = createServer(async (request, response) => {
      let body = ''
      for await (const chunk of request) body += chunk
      const { method = '', url: path = '', headers } = request
      seen.push({ method, path, authorization: headers.authorization, body })
      if (!path.startsWith('/query')) return answerWrite(response, request)
      const statements = (new URLSearchParams(body).get('q') ?? '').split('; ')
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ results: statements.map((_, i) => ({ statement_id: i })) }))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterEach(() => {
    server.closeAllConnections()
    server.close()
  })

  const answers =
    (status: number, headers: Record<string, string> = {}, body = ''): Answer =>
    (response) =>
      void response.writeHead(status, headers).end(body)

  const writes = () => seen.filter(({ path }) => !path.startsWith('/query'))

  describe('a write that InfluxDB does not confirm', () => {
    const json = { 'content-type': 'application/json' }

    it.each([
      [503, { 'retry-after': '30' }, { fault: 'unavailable', retryAfterMs: 30_000 }],
      [429, { 'retry-after': '1' }, { fault: 'unavailable', retryAfterMs: 1_000 }],
      [500, {}, { fault: 'unavailable', retryAfterMs: undefined }],
      [200, {}, { fault: 'unavailable' }],
      [201, {}, { fault: 'unavailable' }],
      [302, { location: 'http://portal.test/' }, { fault: 'unavailable' }],
      [401, {}, { fault: 'misconfigured', setting: 'TELEHUB_INFLUX_TOKEN' }],
      [403, {}, { fault: 'misconfigured', setting: 'TELEHUB_INFLUX_TOKEN' }],
      [404, {}, { fault: 'misconfigured', setting: 'TELEHUB_INFLUX_BUCKET' }],
      [400, {}, { fault: 'refused' }],
      [413, {}, { fault: 'refused' }],
      [422, {}, { fault: 'refused' }],
    ])('is known by its status: %i %j', async (status, headers, fault) => {
      answerWrite = answers(status, headers)
      const store = await open({ url, token: 't', org: 'o' })
      await expect(store.write(someReadings, mark)).rejects.toMatchObject({ name: 'StoreError', ...fault })
      expect(writes()).toHaveLength(1)
      expect(await store.mark()).toBeUndefined()
    })

    it('waits until the date that InfluxDB names', async () => {
      answerWrite = answers(503, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() })
      const store = await open({ url, token: 't' })
      const error = await store.write(someReadings, mark).catch((refusal) => refusal)
      expect(error.retryAfterMs).toBeGreaterThan(50_000)
      expect(error.retryAfterMs).toBeLessThanOrEqual(60_000)
    })

    it('names the organisation when that is what InfluxDB does not know', async () => {
      answerWrite = answers(404, json, '{"code":"not found","message":"organization name \\"acme\\" not found"}')
      const store = await open({ url, token: 't', org: 'acme' })
      await expect(store.write(someReadings, mark)).rejects.toMatchObject({ setting: 'TELEHUB_INFLUX_ORG' })
    })

    it('names the settings of InfluxDB 1 where that is used', async () => {
      const store = await open({ url, database: 'plant', username: 'hub', password: 'secret' })
      answerWrite = answers(401)
      await expect(store.write(someReadings, mark)).rejects.toMatchObject({ setting: 'TELEHUB_INFLUX_PASSWORD' })
      answerWrite = answers(404)
      await expect(store.write(someReadings, mark)).rejects.toMatchObject({ setting: 'TELEHUB_INFLUX_DATABASE' })
    })

    it('repeats the words of InfluxDB, for the dead letter', async () => {
      answerWrite = answers(400, json, '{"error":"partial write: points beyond retention policy dropped=1"}')
      const store = await open({ url, token: 't' })
      await expect(store.write(someReadings, mark)).rejects.toThrow('points beyond retention policy')
    })

    it('is not taken for confirmed because of a cluster that has only queued it', async () => {
      answerWrite = answers(500, json, '{"error":"hinted handoff queue not empty"}')
      const store = await open({ url, token: 't' })
      await expect(store.write(someReadings, mark)).rejects.toMatchObject({ fault: 'unavailable' })
    })

    it.each([
      ['nothing', (() => {}) satisfies Answer],
      ['half of an answer', ((response) => void response.writeHead(500).write('wait')) satisfies Answer],
    ])('is given up when InfluxDB sends %s', async (_, answer) => {
      answerWrite = answer
      const store = await open({ url, token: 't', timeoutMs: 200 })
      const hungUp = once(server, 'request').then(([request]) => once(request.socket, 'close'))
      await expect(store.write(someReadings, mark)).rejects.toMatchObject({ fault: 'unavailable' })
      await hungUp
    })

    it('is unavailable when the connection breaks', async () => {
      answerWrite = (response) => void response.destroy()
      const store = await open({ url, token: 't' })
      await expect(store.write(someReadings, mark)).rejects.toMatchObject({ fault: 'unavailable' })
    })

    it('says nothing on the console and tells no secret', async () => {
      const said = vi.spyOn(console, 'error')
      answerWrite = answers(401)
      const store = await open({ url, token: 'th-very-secret' })
      const error = await store.write(someReadings, mark).catch((refusal) => refusal)
      expect(`${error.message} ${error.stack}`).not.toContain('th-very-secret')
      expect(said).not.toHaveBeenCalled()
      said.mockRestore()
    })
  })

  it('is unavailable when nobody listens', async () => {
    const store = await open({ url: `http://127.0.0.1:${await freePort()}`, token: 't' })
    await expect(store.check()).rejects.toMatchObject({ name: 'StoreError', fault: 'unavailable' })
    await expect(store.write(someReadings, mark)).rejects.toMatchObject({ fault: 'unavailable' })
    await expect(store.raw('pump-1', 'temperature', whole)).rejects.toMatchObject({ fault: 'unavailable' })
  })

  it.each(['<html>Please sign in</html>', '{}', '{"results":[]}', '[]'])(
    'believes no answer to a query that is not InfluxDB’s: %s',
    async (page) => {
      server.removeAllListeners('request')
      server.on('request', (_, response: ServerResponse) => void response.end(page))
      const store = await open({ url, token: 't' })
      await expect(store.check()).rejects.toMatchObject({ name: 'StoreError', fault: 'unavailable' })
    },
  )

  it('names the database when a query finds none', async () => {
    server.removeAllListeners('request')
    const answer = '{"results":[{"statement_id":0,"error":"database not found: plant"}]}'
    server.on('request', (_, response: ServerResponse) => void response.end(answer))
    const store = await open({ url, token: 't', bucket: 'plant' })
    await expect(store.check()).rejects.toMatchObject({ fault: 'misconfigured', setting: 'TELEHUB_INFLUX_BUCKET' })
  })

  describe('the requests', () => {
    beforeEach(() => {
      answerWrite = answers(204)
    })

    it('are those of InfluxDB 2 with a token', async () => {
      const store = await open({ url: `${url}/`, token: 'abc', org: 'my org', bucket: 'b&1' })
      await store.write(someReadings, mark)
      expect(writes()).toEqual([
        {
          method: 'POST',
          path: '/api/v2/write?org=my%20org&bucket=b%261&precision=ms',
          authorization: 'Token abc',
          body: `telemetry,device=pump-1 temperature=21.5 ${at}`,
        },
      ])
      expect(await store.mark()).toEqual(mark)
      expect(seen[0]).toMatchObject({ method: 'POST', path: '/query?db=b%261&epoch=ms', authorization: 'Token abc' })
    })

    it('are those of InfluxDB 1 with a database, the password in a header', async () => {
      const store = await open({ url, database: 'plant', username: 'hub', password: 'pä:ss' })
      await store.write(someReadings, mark)
      const authorization = `Basic ${Buffer.from('hub:pä:ss').toString('base64')}`
      expect(writes()).toMatchObject([{ path: '/write?db=plant&precision=ms', authorization }])
      expect(seen[0]).toMatchObject({ path: '/query?db=plant&epoch=ms', authorization })
      expect(new URLSearchParams(seen[0]?.body).get('q')).toBe('CREATE DATABASE "plant"')
    })

    it('make one write of many batches, and none of nothing', async () => {
      const store = await open({ url, token: 't' })
      await store.write(
        Array.from({ length: 5_000 }, () => readings('temperature', 1)),
        mark,
      )
      await store.write([], { epoch: 'abc123', position: 2 })
      expect(writes()).toHaveLength(1)
      expect(writes()[0]?.body.split('\n')).toHaveLength(5_000)
      expect(await store.mark()).toEqual({ epoch: 'abc123', position: 2 })
    })

    it('delete a device of InfluxDB 2 by its own route', async () => {
      const store = await open({ url, token: 't', org: 'o' })
      await store.forget('pump "1"')
      const [{ path, body } = { path: '', body: '{}' }] = writes()
      expect(path).toBe('/api/v2/delete?org=o&bucket=telehub')
      expect(JSON.parse(body)).toEqual({
        start: '1970-01-01T00:00:00Z',
        stop: '2262-04-11T00:00:00Z',
        predicate: '_measurement="telemetry" AND device="pump%20%221%22"',
      })
    })
  })
})

describe.skipIf(!available('influxdb'))('with a real InfluxDB', () => {
  let influx: Influx
  beforeAll(async () => {
    influx = await startInflux()
  })
  afterAll(async () => influx.stop())

  it('opens while InfluxDB is away, and makes its database once it is back', async () => {
    await influx.kill()
    const store = await open({ url: influx.url, database: 'late' })
    await expect(store.check()).rejects.toMatchObject({ fault: 'unavailable' })
    await influx.restart()
    await store.check()
    await store.write(someReadings, mark)
    expect(await store.raw('pump-1', 'temperature', whole)).toEqual({ at: [at], value: [21.5] })
  })

  it('writes on after InfluxDB was killed and started again', async () => {
    const store = await open({ url: influx.url, database: 'killed' })
    await store.write([readings('temperature', 1)], mark)
    await influx.kill()
    await expect(store.write([readings('pressure', 2)], mark)).rejects.toMatchObject({ fault: 'unavailable' })
    await influx.restart()
    await store.write([readings('pressure', 2)], mark)
    expect(Object.keys(await store.latest('pump-1')).sort()).toEqual(['pressure', 'temperature'])
  })

  it('finds another field when another hub has given this one another type meanwhile', async () => {
    const one = await open({ url: influx.url, database: 'shared' })
    const other = await open({ url: influx.url, database: 'shared' })
    await other.write([readings('temperature', 1)], mark)
    await one.write([{ ...readings('state', 1), device: 'meter-1' }], mark)
    await other.write([readings('state', 'on')], mark)
    expect((await other.raw('pump-1', 'state', whole)).value).toEqual(['on'])
    expect((await one.raw('pump-1', 'state', whole)).value).toEqual(['on'])
    expect((await other.raw('meter-1', 'state', whole)).value).toEqual([1])
  })

  it('names the database when someone has dropped it', async () => {
    const store = await open({ url: influx.url, database: 'dropped' })
    await fetch(`${influx.url}/query?q=DROP+DATABASE+dropped`, { method: 'POST' })
    const gone = { fault: 'misconfigured', setting: 'TELEHUB_INFLUX_DATABASE' }
    await expect(store.check()).rejects.toMatchObject(gone)
    await expect(store.write(someReadings, mark)).rejects.toMatchObject(gone)
  })

  it('has the times beyond InfluxDB’s clock refused, not the store wedged', async () => {
    const store = await open({ url: influx.url, database: 'clock' })
    const tooLate = { ...readings('temperature', 1), at: [99_999_999_999_999] }
    await expect(store.write([tooLate], mark)).rejects.toMatchObject({ fault: 'refused' })
  })
})
