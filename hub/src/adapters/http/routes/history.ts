// What a device measured in a range of time: as JSON columns or as a CSV file.

import * as z from 'zod/mini'
import { HubError } from '../../../core/errors.ts'
import { History } from '../../../protocol/index.ts'
import { csvOf } from '../csv.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { HttpParts } from '../parts.ts'
import { InstantText, names } from '../query.ts'

/** Of one request: as many as a device may have. */
const maxMetrics = 256

const HistoryQuery = z.strictObject({
  metric: z.optional(names(maxMetrics)),
  from: z.optional(InstantText),
  to: z.optional(InstantText),
  points: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(10_000))),
  format: z._default(z.enum(['json', 'csv', 'parquet']), 'json'),
})

export function historyRoutes({ history }: Pick<HttpParts, 'history'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/devices/{id}/readings',
      summary: 'Readings of a range: raw where there are few, else at most `points` buckets a metric.',
      may: 'read',
      query: HistoryQuery,
      answers: { 200: [History, 'text/csv'] },
      async handle({ params, query }) {
        const { format, metric: metrics, ...range } = query
        if (format === 'parquet') throw new HubError('bad-request', 'Parquet is not offered yet; ask for csv or json.')
        const answer = await history.range({ device: params.id ?? '', metrics, ...range })
        if (format === 'json') return { status: 200, body: answer }
        const headers = { 'Content-Disposition': `attachment; filename="${answer.device.replaceAll(':', '_')}.csv"` }
        return {
          status: 200,
          headers,
          text: { type: 'text/csv; charset=utf-8; header=present', chunks: csvOf(answer) },
        }
      },
    }),
  ]
}
