// A page trades its key for a ticket, with which it opens its socket.

import { Ticket } from '../../../protocol/index.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { Access } from '../parts.ts'

export function ticketRoutes({ tickets }: Pick<Access, 'tickets'>): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/api/v1/tickets',
      summary: 'A ticket for /ws/console: single use, 30 s, bound to this origin and key.',
      may: 'read',
      answers: { 201: Ticket },
      handle: async ({ caller, origin, grant }) => ({ status: 201, body: tickets.issue({ caller, origin, grant }) }),
    }),
  ]
}
