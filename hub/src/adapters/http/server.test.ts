// Peers that are slow on purpose: the connection ends, with an answer, when their time is over.

import { createConnection } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { readJson } from './body.ts'
import { closeServer, listen } from './listen.ts'
import { createHttpServer } from './server.ts'

const short = { headersTimeoutMs: 100, requestTimeoutMs: 200, lookForLateMs: 20 }
let server: ReturnType<typeof createHttpServer>
let port: number
let refusals: string[]

beforeEach(async () => {
  refusals = []
  server = createHttpServer((request) => {
    readJson(request, 1_000).catch((error) => refusals.push(error.code))
  }, short)
  port = await listen(server, { host: '127.0.0.1', port: 0 })
})
afterEach(() => closeServer(server))

/** All that comes back until the hub ends the connection. */
function answerTo(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write(bytes))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

it('H18 a head that does not end', async () => {
  expect(await answerTo('GET / HTTP/1.1\r\nHost: lo')).toMatch(/^HTTP\/1\.1 408 [\s\S]*"code":"request-timeout"/)
})

it('P26 a chunk that never ends', async () => {
  const head =
    'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
  expect(await answerTo(`${head}5\r\n{"a"`)).toMatch(/^HTTP\/1\.1 408 /)
  await expect.poll(() => refusals).toEqual(['bad-request'])
})

it('P26 a body shorter than it says', async () => {
  const head = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n'
  expect(await answerTo(`${head}{"a":1}`)).toMatch(/^HTTP\/1\.1 408 /)
})

it('by default a head has 10 s and 16 KiB', () => {
  const byDefault = createHttpServer(() => {})
  expect([byDefault.headersTimeout, byDefault.requestTimeout]).toEqual([10_000, 60_000])
})
