// Readings that the store refuses: looked at, and tried again once its cause is mended.

import * as z from 'zod/mini'
import { DeadLetterList, RetryAnswer, RetryBody } from '../../../protocol/index.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { HttpParts } from '../parts.ts'
import { linkToNext, page } from '../query.ts'

const DeadLetterQuery = z.strictObject({ limit: page.limit, cursor: z.optional(z.coerce.number().check(z.int())) })

export function deadLetterRoutes({ deadLetters, recorder }: Pick<HttpParts, 'deadLetters' | 'recorder'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/dead-letters',
      summary: 'Readings that the store refuses, with its own words, in the order of the journal.',
      may: 'administer',
      // They are the values themselves, so that looking at them leaves a trace, too.
      audit: 'dead-letters.list',
      query: DeadLetterQuery,
      answers: { 200: DeadLetterList },
      async handle({ query: { limit, cursor }, url }) {
        const letters = deadLetters.list({ limit, after: cursor })
        const next = letters.length === limit ? letters.at(-1)?.position.toString() : undefined
        const body = { deadLetters: letters, total: deadLetters.count, next }
        return { status: 200, headers: linkToNext(url, next), body, target: `${letters.length} readings` }
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/dead-letters/retry',
      summary: 'Write dead letters to the store again; what it takes leaves them. Without ids: all of them.',
      may: 'administer',
      audit: 'dead-letters.retry',
      body: RetryBody,
      answers: { 200: RetryAnswer },
      async handle({ body: { ids } }) {
        const result = await recorder.retry(ids)
        return { status: 200, body: result, target: `${result.stored} stored, ${result.refused} refused` }
      },
    }),
  ]
}
