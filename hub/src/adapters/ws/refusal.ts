// A refused handshake gets an HTTP answer that says why; a browser hides it from the page, a log and a program see it.

import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { HubError } from '../../core/errors.ts'
import type { ErrorCode } from '../../protocol/index.ts'

/** Only what can be refused before the 101; everything else is an error of the hub. */
const statuses: Partial<Record<ErrorCode, number>> = {
  'bad-request': 400,
  'token-in-url': 400,
  'bearer-required': 401,
  unauthenticated: 401,
  'ticket-required': 401,
  'ticket-unknown': 401,
  'ticket-expired': 401,
  'ticket-origin': 401,
  'role-needed': 403,
  'wrong-audience': 403,
  'origin-not-allowed': 403,
  'origin-null': 403,
  'origin-missing': 403,
  'browser-on-device-endpoint': 403,
  'not-found': 404,
  'host-not-allowed': 421,
  'too-fast': 429,
  overloaded: 503,
}

const answerWithinMs = 5_000

/** Answers with problem+json (RFC 9457) and ends the connection. */
export function refuse(socket: Duplex, error: unknown) {
  const refusal =
    error instanceof HubError ? error : new HubError('hub-error', 'The hub failed at this request; it was logged.')
  const status = statuses[refusal.code] ?? 500
  const title = STATUS_CODES[status] ?? 'Error'
  const body = JSON.stringify({ type: 'about:blank', title, status, code: refusal.code, detail: refusal.message })
  const headers = [
    `HTTP/1.1 ${status} ${title}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Vary: Origin',
    'Cache-Control: no-store',
    ...(status === 401 ? ['WWW-Authenticate: Bearer'] : []),
    ...(refusal.retryAfterMs === undefined ? [] : [`Retry-After: ${Math.ceil(refusal.retryAfterMs / 1000)}`]),
  ]
  // After 'upgrade' nobody else owns this socket: it ends when the answer is out, or soon after.
  socket.on('error', () => socket.destroy())
  socket.once('finish', () => socket.destroy())
  const late = setTimeout(() => socket.destroy(), answerWithinMs)
  socket.once('close', () => clearTimeout(late))
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`)
}
