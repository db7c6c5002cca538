// The client of a hub, for browsers and Node: what `/client.js` and `@telehub/hub/client` offer.

export { type Check, checkHub, type HubChecks } from './check.ts'
export type { CommandOptions } from './commands.ts'
export type { Request, RequestOptions } from './http.ts'
export { type ConnectOptions, connect, type Events, type HubClient } from './hub-client.ts'
export { checkOrigin } from './origin-check.ts'
export { HubProblem } from './problem.ts'
export type { NodeSocketClass } from './socket.ts'
export type { ConnectionState } from './state.ts'
export type { Snapshot, WatchListeners, WatchRequest } from './watches.ts'
