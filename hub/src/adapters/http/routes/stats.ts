// How the hub is doing, in figures.

import { Stats } from '../../../protocol/index.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { HttpParts } from '../parts.ts'

export function statsRoutes({ status }: Pick<HttpParts, 'status'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/stats',
      summary: 'Throughput, lag, connections, and the account of every reading accepted.',
      may: 'read',
      answers: { 200: Stats },
      handle: async () => ({ status: 200, body: status.stats() }),
    }),
  ]
}
