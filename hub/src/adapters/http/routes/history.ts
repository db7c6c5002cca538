// What devices measured in a range of time: as JSON columns for charts, as CSV or Parquet for other programs.

import * as z from 'zod/mini'
import { History, HistoryList } from '../../../protocol/index.ts'
import { csvOfHistories, csvOfReadings } from '../csv.ts'
import { type Answer, type Endpoint, endpoint } from '../endpoint.ts'
import { begun, contentOf } from '../export.ts'
import type { HttpParts } from '../parts.ts'
import { InstantText, names } from '../query.ts'

/** Of one request: as many as a device may have. */
const maxMetrics = 256
const maxDevices = 256

const range = {
  metric: z.optional(names(maxMetrics)),
  from: z.optional(InstantText),
  to: z.optional(InstantText),
  points: z.optional(z.coerce.number().check(z.int(), z.gte(1), z.lte(10_000))),
  format: z._default(z.enum(['json', 'csv', 'parquet']), 'json'),
}
const OneDevice = z.strictObject(range)
const ManyDevices = z.strictObject({ device: names(maxDevices), ...range })

const types = { csv: 'text/csv; charset=utf-8; header=present', parquet: 'application/vnd.apache.parquet' } as const

const formats = `format=csv or parquet: every reading, streamed; csv with \`points\`: the buckets.`

export function historyRoutes({ history }: Pick<HttpParts, 'history'>): Endpoint[] {
  /** JSON comes from `range` and `ranges`; the other formats are one file, whoever is in it. */
  async function download(name: string, question: Question): Promise<Answer> {
    const { format, points, ...which } = question
    const filename = `${name.replaceAll(':', '_')}.${format}`
    const headers = { 'Content-Disposition': `attachment; filename="${filename}"` }
    if (format === 'parquet') {
      const file = await history.parquet(which)
      return { status: 200, headers, text: { type: types.parquet, chunks: contentOf(file) } }
    }
    const chunks =
      points === undefined
        ? await begun(csvOfReadings(history.readings(which)))
        : csvOfHistories(await history.ranges({ ...which, points }))
    return { status: 200, headers, text: { type: types.csv, chunks } }
  }

  return [
    endpoint({
      method: 'get',
      path: '/api/v1/devices/{id}/readings',
      summary: `Readings of a range: raw where there are few, else at most \`points\` buckets a metric. ${formats}`,
      may: 'read',
      query: OneDevice,
      answers: { 200: [History, 'text/csv', 'application/vnd.apache.parquet'] },
      async handle({ params, query }) {
        const { metric: metrics, format, ...rest } = query
        const device = params.id ?? ''
        if (format !== 'json') return download(device, { devices: [device], metrics, format, ...rest })
        return { status: 200, body: await history.range({ device, metrics, ...rest }) }
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/readings',
      summary: `The same of several devices, \`device=a,b\`: of each those of the metrics that it has. ${formats}`,
      may: 'read',
      query: ManyDevices,
      answers: { 200: [HistoryList, 'text/csv', 'application/vnd.apache.parquet'] },
      async handle({ query }) {
        const { device: devices, metric: metrics, format, ...rest } = query
        if (format !== 'json') return download('readings', { devices, metrics, format, ...rest })
        return { status: 200, body: { histories: await history.ranges({ devices, metrics, ...rest }) } }
      },
    }),
  ]
}

interface Question {
  readonly devices: readonly string[]
  readonly metrics: readonly string[] | undefined
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly points?: number | undefined
  readonly format: 'csv' | 'parquet'
}
