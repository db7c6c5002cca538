// Tickets: one use, thirty seconds, one origin, one key that still stands.

import { beforeEach, expect, it } from 'vitest'
import { createTickets, type Tickets } from './tickets.ts'

const caller = { keyId: 'k1', kind: 'operator', name: 'Ann' } as const
const origin = 'https://console.test'
let now: number
let active: boolean
let tickets: Tickets

beforeEach(() => {
  now = 1_000
  active = true
  tickets = createTickets({ clock: { now: () => now }, keys: { isActive: () => active } })
})

function redeemCode(ticket: string | undefined, from: string | undefined = origin): string {
  try {
    tickets.redeem(ticket, from)
    return 'redeemed'
  } catch (error) {
    return (error as { code: string }).code
  }
}

it('stands for its caller and grant, once', () => {
  const { ticket, expiresAt } = tickets.issue({ caller, origin, grant: 'viewer' })
  expect(expiresAt).toBe(31_000)
  expect(tickets.redeem(ticket, origin)).toEqual({ caller, grant: 'viewer' })
  expect(redeemCode(ticket)).toBe('ticket-unknown')
})

it('is over after thirty seconds', () => {
  const { ticket } = tickets.issue({ caller, origin })
  now += 30_000
  expect(redeemCode(ticket)).toBe('ticket-expired')
})

it('is worth nothing to another origin, and burnt by the attempt', () => {
  const { ticket } = tickets.issue({ caller, origin })
  expect(redeemCode(ticket, 'https://evil.test')).toBe('ticket-origin')
  expect(redeemCode(ticket)).toBe('ticket-unknown')
})

it('of a program is worth nothing to a page', () => {
  const { ticket } = tickets.issue({ caller })
  expect(redeemCode(ticket)).toBe('ticket-origin')
})

it('ends with its key', () => {
  const { ticket } = tickets.issue({ caller, origin })
  active = false
  expect(redeemCode(ticket)).toBe('unauthenticated')
})

it('is needed, and cannot be guessed from another', () => {
  const { ticket } = tickets.issue({ caller, origin })
  expect(redeemCode(undefined)).toBe('ticket-required')
  expect(redeemCode('')).toBe('ticket-required')
  expect(redeemCode(`${ticket.slice(0, -1)}${ticket.endsWith('A') ? 'B' : 'A'}`)).toBe('ticket-unknown')
})

it('is refused when too many are out, until those are over', () => {
  for (let i = 0; i < 20_000; i++) tickets.issue({ caller, origin })
  expect(() => tickets.issue({ caller, origin })).toThrowError(
    expect.objectContaining({ code: 'overloaded', retryAfterMs: 30_000 }),
  )
  now += 30_000 + 60_000
  expect(tickets.issue({ caller, origin }).ticket).toHaveLength(43)
})
