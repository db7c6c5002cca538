// A WebSocket for stories at the wire: raw messages out, and in by waiting for the one that fits.

import { once } from 'node:events'
import { type ClientOptions, WebSocket } from 'ws'

export interface WireSocket {
  readonly socket: WebSocket
  send(message: unknown): void
  /** The next message, or one that came before and was not taken, for which `fits` is true. */
  next<T extends { type: string }>(type: string, fits?: (message: T) => boolean): Promise<T>
  readonly closed: Promise<{ code: number; reason: string }>
  close(): void
}

/** Resolves once open. Rejects with the HTTP status of a refusal, as `{ status, body }`. */
export async function openWire(
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<WireSocket> {
  const { protocols = ['telehub.v1.json'], ...rest } = options
  const socket = new WebSocket(url.replace(/^http/, 'ws'), protocols, rest)
  const arrived: { type: string }[] = []
  let waiters: (() => void)[] = []
  const notify = () => {
    const woken = waiters
    waiters = []
    for (const wake of woken) wake()
  }
  socket.on('message', (data, isBinary) => {
    if (isBinary) return
    arrived.push(JSON.parse(String(data)))
    notify()
  })
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => {
      resolve({ code, reason: String(reason) })
      notify()
    })
  })
  const refused = new Promise<never>((_, reject) => {
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () =>
        reject({ status: response.statusCode, headers: response.headers, body: JSON.parse(body) }),
      )
    })
    socket.on('error', (error) => reject(error))
  })
  refused.catch(() => {})
  await Promise.race([once(socket, 'open'), refused])

  return {
    socket,
    closed,
    send: (message) =>
      socket.send(typeof message === 'string' || message instanceof Buffer ? message : JSON.stringify(message)),
    async next<T extends { type: string }>(type: string, fits: (message: T) => boolean = () => true) {
      while (true) {
        const place = arrived.findIndex((message) => message.type === type && fits(message as T))
        if (place >= 0) return arrived.splice(place, 1)[0] as T
        if (socket.readyState >= socket.CLOSING)
          throw new Error(`The socket closed without "${type}"; it had ${JSON.stringify(arrived)}`)
        await new Promise<void>((resolve) => waiters.push(resolve))
      }
    },
    close: () => socket.terminate(),
  }
}

/** A device that has said hello. */
export async function openDevice(url: string, key: string, device: string, hello: object = {}): Promise<WireSocket> {
  const wire = await openWire(`${url}/ws/device`, { headers: { authorization: `Bearer ${key}` } })
  wire.send({ type: 'hello', device, ...hello })
  await wire.next('welcome')
  return wire
}
