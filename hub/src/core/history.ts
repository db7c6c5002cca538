// Range questions: every reading where there are few, buckets where there are many.

import type { History, MetricType } from '../protocol/index.ts'
import type { Devices } from './devices.ts'
import { HubError, StoreError } from './errors.ts'
import type { Clock, SeriesStore } from './ports.ts'

export interface HistoryQuestion {
  readonly device: string
  /** All of the device, where missing. */
  readonly metrics?: readonly string[] | undefined
  /** Epoch ms, `from <= at < to`; the last hour where missing. */
  readonly from?: number | undefined
  readonly to?: number | undefined
  /** At most this many buckets a metric. */
  readonly points?: number | undefined
}

export type HistoryReader = ReturnType<typeof createHistory>

const defaultRangeMs = 3_600_000
const defaultPoints = 1_000
const maxPoints = 10_000

export function createHistory({ store, devices, clock }: { store: SeriesStore; devices: Devices; clock: Clock }) {
  async function seriesOf(
    device: string,
    metric: string,
    type: MetricType,
    range: { from: number; to: number; points: number },
  ) {
    const { from, to, points } = range
    const raw = await store.raw(device, metric, { from, to, limit: points + 1 })
    if (raw.at.length <= points) return { tier: 'raw' as const, type, ...raw }
    // Buckets are aligned to multiples of their width: one more than fits may begin before `from`.
    const bucketMs = Math.max(1, Math.ceil((to - from) / Math.max(points - 1, 1)))
    return {
      tier: 'buckets' as const,
      type,
      bucketMs,
      ...(await store.buckets(device, metric, { from, to, bucketMs })),
    }
  }

  return {
    /** HubError `not-found` (the device, or a metric it never had), `bad-request`, `store-unavailable`. */
    async range({ device, metrics, from, to, points = defaultPoints }: HistoryQuestion): Promise<History> {
      if (!devices.get(device)) throw new HubError('not-found', `There is no device "${device}".`)
      const range = { to: to ?? clock.now() + 1, from: from ?? (to ?? clock.now()) - defaultRangeMs, points }
      if (!(range.from < range.to)) throw new HubError('bad-request', '"from" must be before "to".')
      if (!Number.isInteger(points) || points < 1 || points > maxPoints) {
        throw new HubError('bad-request', `"points" is a whole number from 1 to ${maxPoints}.`)
      }
      const { types } = devices.open(device)
      const wanted = metrics ?? [...types.keys()]
      const unknown = wanted.filter((metric) => !types.has(metric))
      if (unknown.length > 0)
        throw new HubError('not-found', `"${device}" has no metric "${unknown.slice(0, 3).join('", "')}".`)
      try {
        const series: History['series'] = {}
        for (const metric of wanted)
          series[metric] = await seriesOf(device, metric, types.get(metric) as MetricType, range)
        return { device, from: range.from, to: range.to, series, gaps: [] }
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        throw new HubError('store-unavailable', 'The series store does not answer now; live readings go on.', {
          retryAfterMs: 5_000,
          cause: error,
        })
      }
    },
  }
}
