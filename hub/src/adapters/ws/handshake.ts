// Decides, before the 101 response, whether a socket may exist and on whose behalf.

import type { IncomingMessage } from 'node:http'
import type { Hosts } from '../../core/access/hosts.ts'
import type { Caller, Keys } from '../../core/access/keys.ts'
import type { Origins } from '../../core/access/origins.ts'
import type { Refusals } from '../../core/access/refusals.ts'
import { readBearer, readHead, refuseSecretInUrl } from '../../core/access/request-head.ts'
import type { Tickets } from '../../core/access/tickets.ts'
import { HubError } from '../../core/errors.ts'
import { type Format, type Role, subprotocols, ticketPrefix } from '../../protocol/index.ts'

export interface Access {
  readonly hosts: Hosts
  readonly origins: Origins
  readonly keys: Keys
  readonly tickets: Tickets
  readonly refusals: Refusals
}

export interface Identity {
  readonly caller: Caller
  readonly grant?: Role | undefined
}

export interface Handshake {
  readonly endpoint: 'device' | 'console'
  readonly format: Format
  /** The page's, on `/ws/console`; undefined for a program. */
  readonly origin: string | undefined
  /** Undefined when the first message must say it. */
  readonly identity: Identity | undefined
}

/** HubError with the reason; a refused origin is recorded for the origin doctor, and its ticket is used up. */
export function shake(request: IncomingMessage, access: Access): Handshake {
  const { host, origin } = readHead(request.rawHeaders)
  if (!access.hosts.allows(host)) {
    throw new HubError('host-not-allowed', 'This hub does not answer to that Host; add it to TELEHUB_HOSTS.')
  }
  refuseSecretInUrl(request.url ?? '/')
  const offered = offeredProtocols(request)
  const format = formatOf(offered)
  const bearer = readBearer(request.rawHeaders)
  const ticket = offered.find((name) => name.startsWith(ticketPrefix))?.slice(ticketPrefix.length)
  const endpoint = endpointOf(request)
  if (endpoint === 'device') {
    if (origin !== undefined)
      throw refusedOrigin(
        access,
        origin,
        'browser-on-device-endpoint',
        'Devices are not pages: this endpoint takes no Origin.',
      )
    return {
      endpoint,
      format,
      origin,
      identity: bearer === undefined ? undefined : { caller: access.keys.verify(bearer) },
    }
  }
  const grant = judge(access, origin, bearer, ticket)
  return { endpoint, format, origin, identity: identityOf(access, { origin, grant, bearer, ticket }) }
}

/** What the page's origin allows at most. */
function judge(
  access: Access,
  origin: string | undefined,
  bearer: string | undefined,
  ticket: string | undefined,
): Role | undefined {
  // Browsers always send Origin on a WebSocket and never Authorization (RFC 6455 §4.1): this is a program.
  if (origin === undefined && bearer !== undefined) return undefined
  const verdict = access.origins.judge(origin)
  if (verdict.allowed) return verdict.grant
  if (ticket !== undefined) burn(access, ticket, origin)
  throw refusedOrigin(access, origin, verdict.code, verdict.detail, verdict.fix)
}

function identityOf(
  { keys, tickets }: Access,
  {
    origin,
    grant,
    bearer,
    ticket,
  }: { origin: string | undefined; grant: Role | undefined; bearer: string | undefined; ticket: string | undefined },
): Identity | undefined {
  if (bearer !== undefined) return { caller: keys.verify(bearer), grant }
  if (ticket === undefined) return undefined
  return { caller: tickets.redeem(ticket, origin).caller, grant }
}

function burn({ tickets }: Access, ticket: string, origin: string | undefined) {
  try {
    tickets.redeem(ticket, origin)
  } catch {
    // It is used up either way; what the page hears is the reason that comes first.
  }
}

function refusedOrigin(
  { refusals }: Access,
  origin: string | undefined,
  code: HubError['code'],
  detail: string,
  fix?: string,
): HubError {
  if (origin !== undefined) refusals.record({ origin, where: 'ws', code, ...(fix !== undefined && { fix }) })
  return new HubError(code, fix === undefined ? detail : `${detail} To allow it: ${fix}`)
}

function endpointOf({ url = '/' }: IncomingMessage): Handshake['endpoint'] {
  const path = url.split('?', 1)[0]
  if (path === '/ws/device') return 'device'
  if (path === '/ws/console') return 'console'
  throw new HubError('not-found', 'WebSockets are served at /ws/device and /ws/console.')
}

function offeredProtocols({ headers }: IncomingMessage): string[] {
  return (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

/** JSON for a client that offers nothing; one that offers only what we do not speak is told so. */
function formatOf(offered: readonly string[]): Format {
  if (offered.includes(subprotocols.msgpack)) return 'msgpack'
  if (offered.includes(subprotocols.json) || offered.length === 0) return 'json'
  throw new HubError('bad-request', `Offer the subprotocol ${subprotocols.json} or ${subprotocols.msgpack}.`)
}
