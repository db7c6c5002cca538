// Tickets let a browser open a socket without its key in a URL: single use, 30 s, bound to the origin and key that asked.

import { createHash, randomBytes } from 'node:crypto'
import { limits, type Role, type Ticket } from '../../protocol/index.ts'
import { HubError } from '../errors.ts'
import type { Clock } from '../ports.ts'
import type { Caller, Keys } from './keys.ts'

export type Tickets = ReturnType<typeof createTickets>

type Issued = { caller: Caller; origin: string | undefined; grant: Role | undefined; expiresAt: number }

/** Tickets out at one time; past it `issue` is refused, so that a flood by one key cannot void another's. */
const maxOutstanding = 20_000
/** How long an expired ticket is still called expired rather than unknown. */
const rememberExpiredMs = 60_000

export function createTickets({ clock, keys }: { clock: Pick<Clock, 'now'>; keys: Pick<Keys, 'isActive'> }) {
  // By hash: looking one up tells nothing about the tickets that are out. In order of expiry, as all live equally long.
  const issued = new Map<string, Issued>()

  function sweep(): void {
    for (const [hash, { expiresAt }] of issued) {
      if (expiresAt + rememberExpiredMs > clock.now()) return
      issued.delete(hash)
    }
  }

  return {
    /** `origin` is that of the page that asks, undefined for a program. HubError `overloaded`. */
    issue({ caller, origin, grant }: { caller: Caller; origin?: string; grant?: Role }): Ticket {
      sweep()
      if (issued.size >= maxOutstanding)
        throw new HubError('overloaded', 'Too many tickets are out.', { retryAfterMs: limits.ticketMs })
      const ticket = randomBytes(32).toString('base64url')
      const expiresAt = clock.now() + limits.ticketMs
      issued.set(hashOf(ticket), { caller, origin, grant, expiresAt })
      return { ticket, expiresAt }
    },

    /**
     * Who a ticket stands for. It is used up by this call, whatever the outcome. HubError `ticket-required` (none),
     * `ticket-unknown` (never issued, or used), `ticket-expired`, `ticket-origin` (issued to another page),
     * `unauthenticated` (its key was revoked meanwhile).
     */
    redeem(ticket: string | undefined, origin: string | undefined): { caller: Caller; grant?: Role } {
      if (ticket === undefined || ticket === '')
        throw new HubError('ticket-required', 'A ticket is needed: get one at POST /api/v1/tickets.')
      const hash = hashOf(ticket)
      const found = issued.get(hash)
      issued.delete(hash)
      if (!found) throw new HubError('ticket-unknown', 'This ticket is not known, or was used before.')
      if (found.expiresAt <= clock.now())
        throw new HubError('ticket-expired', `Tickets are good for ${limits.ticketMs / 1000} seconds; get a new one.`)
      if (found.origin !== origin) throw new HubError('ticket-origin', 'This ticket was issued to another origin.')
      if (!keys.isActive(found.caller.keyId))
        throw new HubError('unauthenticated', 'This key is not known here, or no longer valid.')
      return { caller: found.caller, ...(found.grant && { grant: found.grant }) }
    },
  }
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('base64')
}
