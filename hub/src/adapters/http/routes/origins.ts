// The origin policy, live: what is allowed, what was refused and why, and what a page may know about itself.

import * as z from 'zod/mini'
import { HubError } from '../../../core/errors.ts'
import {
  NewOrigin,
  OriginCheck,
  OriginEntry,
  OriginList,
  RefusedList,
  type RefusedOrigin,
} from '../../../protocol/index.ts'
import { type Endpoint, endpoint, openEndpoint } from '../endpoint.ts'
import { originCheckPath } from '../front-door.ts'
import type { Access } from '../parts.ts'

const path = '/api/v1/origins'

export function originRoutes({ origins, refusals }: Pick<Access, 'origins' | 'refusals'>): Endpoint[] {
  function withNearest(refused: RefusedOrigin): RefusedOrigin {
    const nearest = origins.nearest(refused.origin)
    return nearest ? { ...refused, nearest } : refused
  }
  /** Nothing is a refusal any more once its origin is allowed. */
  const stillRefused = ({ origin }: RefusedOrigin) => !origins.judge(origin).allowed

  return [
    endpoint({
      method: 'get',
      path,
      summary: 'Allowed origins, from the environment and from people.',
      may: 'administer',
      answers: { 200: OriginList },
      handle: async () => ({ status: 200, body: { origins: origins.list() } }),
    }),
    endpoint({
      method: 'post',
      path,
      summary: 'Allow an origin from now on. What is no origin is answered with what to write instead.',
      may: 'administer',
      audit: 'origin.add',
      body: NewOrigin,
      answers: { 201: OriginEntry },
      async handle({ body: { origin, grant } }) {
        const entry = await origins.add(grant === undefined ? origin : `${origin}=${grant}`)
        return { status: 201, body: entry, target: entry.grant ? `${entry.origin}=${entry.grant}` : entry.origin }
      },
    }),
    endpoint({
      method: 'delete',
      path,
      summary: 'Forbid an origin from now on; sockets of its pages are closed.',
      may: 'administer',
      audit: 'origin.remove',
      query: z.strictObject({ origin: z.string().check(z.maxLength(400)) }),
      answers: { 204: 'nothing' },
      async handle({ query: { origin } }) {
        if (!(await origins.remove(origin))) throw new HubError('not-found', 'This origin is not in the list.')
        return { status: 204, target: origin }
      },
    }),
    endpoint({
      method: 'get',
      path: `${path}/refused`,
      summary:
        'Origins refused within the last hour, each with the line that would allow it and the allowed one it resembles.',
      may: 'administer',
      answers: { 200: RefusedList },
      handle: async () => ({ status: 200, body: { refused: refusals.list().filter(stillRefused).map(withNearest) } }),
    }),
    openEndpoint({
      method: 'get',
      path: originCheckPath,
      summary: 'Tells any page, also one that is refused, what the hub thinks of its origin.',
      may: 'anyone',
      answers: { 200: OriginCheck },
      handle: async ({ header }) => ({ status: 200, body: check(header('origin')) }),
    }),
  ]

  function check(origin: string | undefined): OriginCheck {
    const verdict = origins.judge(origin)
    if (verdict.allowed) return { origin: verdict.origin, allowed: true, reason: 'This origin is allowed.' }
    return { origin: origin ?? null, allowed: false, reason: verdict.detail, ...(verdict.fix && { fix: verdict.fix }) }
  }
}
