// The HTTP server under the app: strict parsing and time limits, so that a slow or crooked peer costs little.

import { createServer, type RequestListener, type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { ErrorCode } from '../../protocol/index.ts'

const serverLimits = {
  headersTimeoutMs: 10_000,
  /** For the whole request: 10 MiB over a slow line takes a while; longer is an attack. */
  requestTimeoutMs: 60_000,
  maxHeaderBytes: 16_384,
  keepAliveTimeoutMs: 65_000,
  /** How often Node looks for requests that are late: its own 30 s would let them live four times as long. */
  lookForLateMs: 1_000,
}

export function createHttpServer(app: RequestListener, limits: Partial<typeof serverLimits> = {}): Server {
  const { headersTimeoutMs, requestTimeoutMs, maxHeaderBytes, keepAliveTimeoutMs, lookForLateMs } = {
    ...serverLimits,
    ...limits,
  }
  const server = createServer(
    {
      headersTimeout: headersTimeoutMs,
      requestTimeout: requestTimeoutMs,
      maxHeaderSize: maxHeaderBytes,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: lookForLateMs,
      insecureHTTPParser: false,
    },
    app,
  )
  server.on('clientError', refuse)
  return server
}

const answers: Record<string, { status: number; code: ErrorCode; detail: string }> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'too-large',
    detail: `The headers are larger than ${serverLimits.maxHeaderBytes} bytes.`,
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, code: 'too-large', detail: 'The chunk extensions are too large.' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, code: 'request-timeout', detail: 'The request took too long to arrive.' },
}
const malformed = { status: 400, code: 'bad-request', detail: 'This is not HTTP.' } as const

/** What cannot be parsed never reaches the app, so it is answered here; the connection cannot be used any further. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const { status, code, detail } = answers[error.code ?? ''] ?? malformed
  const title = STATUS_CODES[status]
  const body = JSON.stringify({ type: `urn:telehub:problem:${code}`, title, status, code, detail })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nConnection: close\r\nVary: Origin\r\nContent-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}
