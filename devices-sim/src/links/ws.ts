// Carries one device over `/ws/device`: hello, readings and replies up, acknowledgements and commands down.

import type { IncomingMessage } from 'node:http'
import { CloseCode, type Format, limits, subprotocols, ToDevice } from '@telehub/hub/protocol'
import { pack, unpack } from 'msgpackr'
import { type RawData, WebSocket } from 'ws'
import type { Carrier, Connection } from './carrier.ts'

export interface WsOptions {
  /** The hub, `http://` or `https://`. */
  readonly url: string
  readonly key: string
  readonly format: Format
}

type ErrorMessage = Extract<ToDevice, { type: 'error' }>

const handshakeWithinMs = 10_000
const goodbyeWithinMs = 1_000
/** Closings after which the hub would say the same again. */
const finalCodes: readonly number[] = [
  CloseCode.unauthenticated,
  CloseCode.forbidden,
  // Someone else has this id; taking it back would only begin a quarrel.
  CloseCode.replaced,
  CloseCode.badMessage,
]
const finalStatuses: readonly (number | undefined)[] = [400, 401, 403, 404, 426]

export function wsCarrier({ url, key, format }: WsOptions): Carrier {
  const endpoint = new URL('/ws/device', url.replace(/^http/, 'ws'))

  return ({ device, stream, profile }, events): Connection => {
    // No Origin header: the hub refuses pages here, and this is not one.
    const socket = new WebSocket(endpoint, subprotocols[format], {
      headers: { authorization: `Bearer ${key}` },
      handshakeTimeout: handshakeWithinMs,
      maxPayload: limits.messageBytes,
      perMessageDeflate: false,
    })
    const say = (message: object) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(format === 'json' ? JSON.stringify(message) : pack(message))
    }
    /** The first reason is the true one: what follows is only the closing. */
    let reason: string | undefined
    let final = false

    socket.on('open', () => {
      events.alive()
      say({ type: 'hello', device, stream, profile })
    })
    socket.on('ping', () => events.alive())
    socket.on('message', (data, isBinary) => {
      events.alive()
      const message = decode(data, isBinary)
      if (message) hear(message)
    })
    socket.on('unexpected-response', (_request, response) => {
      final = finalStatuses.includes(response.statusCode)
      void wordsOf(response).then((words) => {
        reason = words
        socket.terminate()
      })
    })
    socket.on('error', (error) => {
      reason ??= error.message || 'the hub cannot be reached'
    })
    socket.on('close', (code, words) => {
      reason ??= words.toString() || `closed with ${code}`
      events.down(reason, { final: final || finalCodes.includes(code) })
    })

    function hear(message: ToDevice) {
      switch (message.type) {
        case 'welcome':
          return events.up(message.limits.inFlight)
        case 'ack':
          return events.acked(message.seq, message.rejected)
        case 'nack':
          return events.nacked(message.seq, message.code, message.retryAfterMs)
        case 'command':
          return events.command(message)
        case 'error':
          return complain(message)
        default:
          return message satisfies never
      }
    }

    function complain({ code, ref, detail }: ErrorMessage) {
      if (code !== 'conflict' || ref !== device) return events.complaint(`${code}: ${detail}`)
      // With a gateway's key the hub leaves the socket open when another link has taken the device over.
      reason = detail
      final = true
      socket.close(CloseCode.normal)
    }

    return {
      transmit: ({ seq, readings }) => say({ type: 'readings', seq, readings }),
      reply: (reply) => say({ type: 'reply', ...reply }),
      introduce: (changed) => say({ type: 'hello', device, stream, profile: changed }),
      abort: () => socket.terminate(),
      async goodbye() {
        const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
        const impatience = setTimeout(() => socket.terminate(), goodbyeWithinMs)
        socket.close(CloseCode.normal, 'goodbye')
        await closed
        clearTimeout(impatience)
      },
    }
  }
}

/** Undefined for what is not a message of the protocol: a newer hub may say more than this device understands. */
function decode(data: RawData, isBinary: boolean): ToDevice | undefined {
  try {
    const bytes = data as Buffer
    return ToDevice.safeParse(isBinary ? unpack(bytes) : JSON.parse(bytes.toString())).data
  } catch {
    return undefined
  }
}

/** What a refused upgrade says: the detail of its problem body, else its status. */
async function wordsOf(response: IncomingMessage): Promise<string> {
  const status = `the hub answered ${response.statusCode} ${response.statusMessage ?? ''}`.trim()
  try {
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk)
    const { detail } = JSON.parse(Buffer.concat(chunks).toString())
    return typeof detail === 'string' ? detail : status
  } catch {
    return status
  }
}
