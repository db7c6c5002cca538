// Reads TELEHUB_MQTT_URL: where the outside broker is and who the hub is there.

import { HubError } from '../../core/errors.ts'

export interface BridgeAddress {
  /** Without user, password and query: fit for the log. */
  readonly url: string
  readonly username?: string
  readonly password?: string
  /** Names the hub's session at the broker. The same at every start, or the broker would keep messages for nobody. */
  readonly clientId: string
}

const protocols = new Set(['mqtt:', 'mqtts:', 'ws:', 'wss:'])
const defaultClientId = 'telehub'

/** `mqtt://user:password@host:1883?clientId=hub-2`; each hub of a broker needs its own client id. HubError `bad-request`. */
export function parseBridgeUrl(text: string): BridgeAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !protocols.has(url.protocol) || url.hostname === '') {
    // The text may hold a password, so it is not repeated.
    throw new HubError(
      'bad-request',
      'The address of the outside broker is mqtt://, mqtts://, ws:// or wss:// and a host.',
    )
  }
  const username = decodeURIComponent(url.username)
  const password = decodeURIComponent(url.password)
  const clientId = url.searchParams.get('clientId') ?? defaultClientId
  url.username = url.password = url.search = url.hash = ''
  return { url: url.href, clientId, ...(username && { username }), ...(password && { password }) }
}
