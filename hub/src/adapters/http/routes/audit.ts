// Who did what, when, from which origin.

import * as z from 'zod/mini'
import { AuditList } from '../../../protocol/index.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { HttpParts } from '../parts.ts'
import { linkToNext, page } from '../query.ts'

const AuditQuery = z.strictObject({ limit: page.limit, cursor: z.optional(z.coerce.number().check(z.int(), z.gte(1))) })

export function auditRoutes({ audit }: Pick<HttpParts, 'audit'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/audit',
      summary: 'Every write that matters, refused attempts included, newest first.',
      may: 'administer',
      query: AuditQuery,
      answers: { 200: AuditList },
      async handle({ query: { limit, cursor: before }, url }) {
        const entries = await audit.list({ limit, before })
        const next = entries.length === limit ? entries.at(-1)?.id : undefined
        return { status: 200, headers: linkToNext(url, next?.toString()), body: { entries } }
      },
    }),
  ]
}
