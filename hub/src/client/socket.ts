// One connection to /ws/console, from the first request to its end. Trying again is its owner's concern.

import type { Ticket } from '../protocol/http.ts'
import type { ConsoleMessage, ToConsole } from '../protocol/messages.ts'
import { type Format, subprotocols, ticketPrefix } from '../protocol/subprotocols.ts'
import { codecs } from './codec.ts'
import type { Request } from './http.ts'
import { HubProblem } from './problem.ts'

/** The part of a WebSocket that is used here; the browser's and that of the `ws` package have it. */
export interface SocketLike {
  binaryType: string
  readonly readyState: number
  send(data: string | Uint8Array): void
  close(code?: number, reason?: string): void
  onopen: ((event: never) => void) | null
  onmessage: ((event: { data: never }) => void) | null
  onerror: ((event: never) => void) | null
  onclose: ((event: { code: number; reason: string }) => void) | null
}

/** The class of the `ws` package, for Node: it can send the key with the handshake, which no browser can. */
export type NodeSocketClass = new (
  url: string,
  protocols: string[],
  options: { headers: Record<string, string> },
) => unknown

export interface HubSocket {
  send(message: ConsoleMessage): void
  close(): void
}

export interface SocketEvents {
  onMessage(message: ToConsole): void
  onClose(end: { code: number; reason: string }): void
}

/** HubProblem when the ticket is refused; what goes wrong later comes as `onClose`. */
export async function openSocket(
  {
    url,
    key,
    format,
    request,
    NodeSocket,
  }: { url: string; key: string; format: Format; request: Request; NodeSocket?: NodeSocketClass | undefined },
  { onMessage, onClose }: SocketEvents,
): Promise<HubSocket> {
  const address = `${url.replace(/^http/, 'ws')}/ws/console`
  const socket = NodeSocket
    ? (new NodeSocket(address, [subprotocols[format]], { headers: { authorization: `Bearer ${key}` } }) as SocketLike)
    : await openInBrowser(address, format, request)
  const codec = codecs[format]
  socket.binaryType = 'arraybuffer'
  socket.onmessage = ({ data }) => onMessage(codec.decode(data))
  // An error is always followed by a close, which says as much as a browser is willing to tell.
  socket.onerror = () => {}
  socket.onclose = ({ code, reason }) => onClose({ code, reason })
  return {
    send: (message) => {
      if (socket.readyState === 1) socket.send(codec.encode(message))
    },
    close: () => {
      socket.onmessage = null
      socket.onclose = null
      socket.close(1000, 'client closed')
    },
  }
}

/** A browser cannot send a key with the handshake: it fetches a ticket and passes it as a second subprotocol. */
async function openInBrowser(address: string, format: Format, request: Request): Promise<SocketLike> {
  if (typeof WebSocket === 'undefined' || typeof document === 'undefined') {
    throw new HubProblem(
      'bad-request',
      'Outside a browser, pass the class of the ws package: connect(url, { key, WebSocket }).',
    )
  }
  const { ticket } = await request<Ticket>('POST', '/tickets', {})
  return new WebSocket(address, [subprotocols[format], ticketPrefix + ticket]) as unknown as SocketLike
}
