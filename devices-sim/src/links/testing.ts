// The other side of a link in a test: a small hub with real sockets, and an ear for what a carrier says.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DeviceMessage, subprotocols } from '@telehub/hub/protocol'
import { pack, unpack } from 'msgpackr'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { CarrierEvents, Identity, Message } from './carrier.ts'

export const identity: Identity = {
  device: 'pump-0001',
  stream: 'run-pump-0001',
  profile: { type: 'pump', reportEveryMs: 1_000, commands: { start: {} } },
}

export function message(seq: number): Message {
  return { seq, readings: [{ at: 1_000 + seq, values: { flow: 12.5, running: true } }], count: 2 }
}

/** What happened, in order, and a way to wait for more of it. */
export function createEar<Heard>() {
  const heard: Heard[] = []
  const waiting = new Set<() => void>()
  return {
    heard,
    hear(what: Heard) {
      heard.push(what)
      for (const wake of waiting) wake()
    },
    /** The first that fits, or the one that makes it so many, heard already or later. */
    async until(fits: (what: Heard) => boolean, { times = 1 } = {}): Promise<Heard> {
      return new Promise((resolve) => {
        const wake = () => {
          const found = heard.filter(fits)[times - 1]
          if (found === undefined) return
          waiting.delete(wake)
          resolve(found)
        }
        waiting.add(wake)
        wake()
      })
    },
  }
}

type Said = readonly [event: keyof CarrierEvents, ...given: unknown[]]

/** Events of a carrier, written down. */
export function createCarrierEvents() {
  const ear = createEar<Said>()
  const noted =
    (event: keyof CarrierEvents) =>
    (...given: unknown[]) =>
      ear.hear([event, ...given])
  const events: CarrierEvents = {
    up: noted('up'),
    alive() {},
    acked: noted('acked'),
    nacked: noted('nacked'),
    command: noted('command'),
    complaint: noted('complaint'),
    down: noted('down'),
  }
  return { events, said: ear.heard, until: (event: keyof CarrierEvents) => ear.until(([name]) => name === event) }
}

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: unknown
}

/** `readings`: what it answers to them over ws, an ack where nothing. `http`: how it answers a request; 200 where nothing. */
export interface Manners {
  upgrade?: { status: number; body: object }
  readings?(seq: number): object | undefined
  http?(call: Call, response: ServerResponse): void
}

/** A hub as far as devices can tell. */
export async function startTestHub(manners: Manners = {}) {
  const messages = createEar<DeviceMessage>()
  const calls = createEar<Call>()
  const closings = createEar<{ code: number; reason: string }>()
  const upgrades: IncomingMessage['headers'][] = []
  const sockets = new Set<WebSocket>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || 'null')
    const call = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body }
    calls.hear(call)
    if (manners.http) manners.http(call, response)
    else json(response, 200, { accepted: 2, rejected: [], durable: 'disk' })
  })
  const gate = new WebSocketServer({ noServer: true, handleProtocols: (offered) => [...offered][0] ?? false })

  server.on('upgrade', (request, socket, head) => {
    upgrades.push(request.headers)
    if (manners.upgrade) {
      const { status, body } = manners.upgrade
      const text = JSON.stringify(body)
      return socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: ${text.length}\r\nconnection: close\r\n\r\n${text}`)
    }
    return gate.handleUpgrade(request, socket, head, serve)
  })

  function serve(socket: WebSocket): void {
    sockets.add(socket)
    const packed = socket.protocol === subprotocols.msgpack
    const say = (answer: object) => socket.send(packed ? pack(answer) : JSON.stringify(answer))
    socket.on('message', (data: RawData) => {
      const bytes = data as Buffer
      const heard = DeviceMessage.parse(packed ? unpack(bytes) : JSON.parse(bytes.toString()))
      messages.hear(heard)
      const limits = { messageBytes: 65_536, readingsPerMessage: 1_000, inFlight: 8 }
      if (heard.type === 'hello') say({ type: 'welcome', device: heard.device, at: 1, limits })
      if (heard.type !== 'readings') return
      const answer = manners.readings?.(heard.seq)
      say(answer ?? { type: 'ack', seq: heard.seq, accepted: 2, rejected: [], durable: 'disk' })
    })
    socket.on('close', (code, reason) => {
      sockets.delete(socket)
      closings.hear({ code, reason: reason.toString() })
    })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    messages,
    calls,
    closings,
    upgrades,
    /** To all devices. */
    say(text: object) {
      for (const socket of sockets) socket.send(JSON.stringify(text))
    },
    /** Ends all links as a hub does that says why. */
    hangUp(code: number, reason: string) {
      for (const socket of sockets) socket.close(code, reason)
    },
    async close() {
      for (const socket of sockets) socket.terminate()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function json(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}
