// The names under which a WebSocket speaks this protocol. No schema here: the browser client needs only these.

/** Subprotocol names: the version is the name's. */
export const subprotocols = { json: 'telehub.v1.json', msgpack: 'telehub.v1.msgpack' } as const
export type Format = keyof typeof subprotocols

/** A browser hands its ticket over as a second subprotocol: `ticket.<base64url>`. It is never echoed. */
export const ticketPrefix = 'ticket.'
