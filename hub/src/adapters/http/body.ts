// Reads a request's JSON body: only JSON, never compressed, never larger or deeper than allowed.

import type { IncomingMessage } from 'node:http'
import { parseJson } from '../../core/decode.ts'
import { HubError } from '../../core/errors.ts'
import { limits } from '../../protocol/index.ts'

/** How much of a body that is too large is read and thrown away, so that its sender can hear the answer. */
const lingerBytes = 4 * limits.bodyBytes

/**
 * The parsed body. HubError `unsupported-media-type`, `too-large`, `too-deep`, `bad-json`; `bad-request` when the
 * connection ends in the middle.
 */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  refuseOtherTypes(request)
  return parseJson(await readBytes(request, maxBytes))
}

function refuseOtherTypes({ headers }: IncomingMessage): void {
  const [type, ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='))
  // A form or text/plain body needs no preflight (Fetch "CORS-safelisted request-header"): it must never be taken for JSON.
  if (type?.trim() !== 'application/json' || (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)))
    throw new HubError('unsupported-media-type', 'Send the body as "Content-Type: application/json", in UTF-8.')
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity')
    throw new HubError('unsupported-media-type', 'Send the body without Content-Encoding.')
}

function readBytes(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    let refused = Number(request.headers['content-length'] ?? 0) > maxBytes
    const refuse = () => {
      refused = true
      chunks.length = 0
      reject(new HubError('too-large', `A body may have ${maxBytes} bytes.`))
    }
    if (refused) refuse()
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > maxBytes && !refused) refuse()
      if (!refused) chunks.push(chunk)
      else if (size > maxBytes + lingerBytes) request.socket.destroy()
    })
    request.on('end', () => resolve(Buffer.concat(chunks)))
    // After 'end' these change nothing; before it, whoever sent half a body is gone.
    const gone = () => reject(new HubError('bad-request', 'The connection ended within the body.'))
    request.on('close', gone)
    request.on('error', gone)
  })
}
