// Range questions: every reading where there are few, buckets where there are many, and a reason where there are none.

import type { BucketSeries, History, MetricType, RawSeries } from '../../protocol/index.ts'
import type { Devices } from '../devices.ts'
import { HubError, StoreError } from '../errors.ts'
import { gapsWithin, merged } from '../gaps.ts'
import type { Life } from '../life.ts'
import type { Clock, DeadLetters, KeptGap, ReadingsPage, Series, SeriesStore, TableFiles } from '../ports.ts'
import { pagesOf } from './export.ts'
import { bucketWidth, tierOf } from './width.ts'

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

/** The same of several devices; each is asked for those of the metrics that it has. */
export type HistoriesQuestion = Omit<HistoryQuestion, 'device'> & { readonly devices: readonly string[] }

export type ReadingsQuestion = Omit<HistoriesQuestion, 'points'>

export type HistoryReader = ReturnType<typeof createHistory>

const defaultRangeMs = 3_600_000
const defaultPoints = 1_000
const maxPoints = 10_000
/** Of one answer, so that it fits into memory and JSON: 250 metrics with 2,000 buckets. */
const maxBuckets = 500_000
const maxSeries = 1_000
/** A question that takes longer is given up, so that a careless one cannot hold the store for all others. */
const answerWithinMs = 10_000
/** Beats that a device may miss before a hole between two readings is one. */
const missedBeats = 2.5

export function createHistory({
  store,
  devices,
  life,
  deadLetters,
  files,
  clock,
}: {
  store: Pick<SeriesStore, 'few' | 'buckets' | 'kept' | 'raw'>
  devices: Pick<Devices, 'get' | 'open'>
  life: Pick<Life, 'gaps'>
  deadLetters: Pick<DeadLetters, 'list' | 'count'>
  files: TableFiles
  clock: Clock
}) {
  function rangeOf({ from, to }: { from?: number | undefined; to?: number | undefined }) {
    const range = { to: to ?? clock.now() + 1, from: from ?? (to ?? clock.now()) - defaultRangeMs }
    if (!(range.from < range.to)) throw new HubError('bad-request', '"from" must be before "to".')
    return range
  }

  /** Of each device its metrics that are asked for, in the order asked. HubError `not-found`, `bad-request`. */
  function seriesOf(ids: readonly string[], metrics: readonly string[] | undefined): Series[] {
    for (const id of ids) if (!devices.get(id)) throw new HubError('not-found', `There is no device "${id}".`)
    const asked = ids.flatMap((device) => {
      const { types } = devices.open(device)
      const wanted = metrics?.filter((metric) => types.has(metric)) ?? [...types.keys()]
      return wanted.map((metric) => ({ device, metric, type: types.get(metric) as MetricType }))
    })
    const unknown = metrics?.filter((metric) => !asked.some((series) => series.metric === metric)) ?? []
    if (unknown.length > 0) {
      const whose = ids.length === 1 ? `"${ids[0]}" has` : 'None of the devices has'
      throw new HubError('not-found', `${whose} no metric "${unknown.slice(0, 3).join('", "')}".`)
    }
    if (asked.length > maxSeries)
      throw new HubError('bad-request', `These are ${asked.length} metrics; ask for ${maxSeries} at a time.`)
    return asked
  }

  /** Runs `ask` with a time limit. HubError `store-unavailable` when it takes too long, or the store is away. */
  async function answered<T>(ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController()
    const cancel = clock.after(answerWithinMs, () => limit.abort())
    try {
      return await ask(limit.signal)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const late = `The answer took longer than ${answerWithinMs / 1_000} s; ask for a shorter time or fewer metrics.`
      const away = 'The series store does not answer now; live readings go on.'
      const retryAfterMs = 5_000
      throw new HubError('store-unavailable', limit.signal.aborted ? late : away, { retryAfterMs, cause: error })
    } finally {
      cancel()
    }
  }

  async function seriesWithin(
    asked: readonly Series[],
    range: { from: number; to: number; points: number },
    signal: AbortSignal,
  ): Promise<(RawSeries | BucketSeries)[]> {
    if (asked.length === 0) return []
    const { from, to } = range
    const few = await store.few(asked, { from, to, atMost: range.points, signal })
    const many = asked.filter((_, i) => few[i] === undefined)
    const bucketMs = bucketWidth(range, await store.kept())
    const buckets = many.length > 0 ? await store.buckets(many, { from, to, bucketMs, signal }) : []
    const tier = tierOf(bucketMs)
    let next = 0
    return asked.map(({ type }, i) => {
      const points = few[i]
      if (points) return { tier: 'raw', type, ...points }
      const found = buckets[next++] ?? { at: [], count: [], first: [], last: [] }
      return { tier, type, bucketMs, ...found }
    })
  }

  async function gapsOf(
    device: string,
    range: { from: number; to: number },
    series: readonly (RawSeries | BucketSeries)[],
  ) {
    const { createdAt, presence } = devices.get(device) ?? {}
    const { hour } = await store.kept()
    const kept: KeptGap[] = [...(await life.gaps(device, range)), ...droppedOf(device)]
    if (createdAt !== undefined && createdAt < hour) kept.push({ device, reason: 'expired', from: createdAt, to: hour })
    const covered = merged(
      series.flatMap(({ at, ...rest }) => {
        const widthMs = rest.tier === 'raw' ? 1 : rest.bucketMs
        return at.map((from) => ({ from, to: from + widthMs }))
      }),
    )
    return gapsWithin(range, { kept, covered, leastMs: missedBeats * (presence?.everyMs ?? 0) + 1_000 })
  }

  /** A dead letter is one as long as it waits for a person: after that it is a reading again, or nothing is known of it. */
  function droppedOf(device: string): KeptGap[] {
    if (deadLetters.count === 0) return []
    return deadLetters
      .list({ limit: deadLetters.count })
      .filter((letter) => letter.device === device)
      .map(({ at }) => ({ device, reason: 'dropped', from: at, to: at + 1 }))
  }

  /** HubError `not-found` (a device, or a metric that none of them ever had), `bad-request`, `store-unavailable`. */
  async function ranges({
    devices: ids,
    metrics,
    points = defaultPoints,
    ...span
  }: HistoriesQuestion): Promise<History[]> {
    const range = rangeOf(span)
    if (!Number.isInteger(points) || points < 1 || points > maxPoints)
      throw new HubError('bad-request', `"points" is a whole number from 1 to ${maxPoints}.`)
    const asked = seriesOf(ids, metrics)
    if (asked.length * points > maxBuckets) {
      const fitting = Math.floor(maxBuckets / asked.length)
      throw new HubError('bad-request', `For ${asked.length} metrics at once "points" is at most ${fitting}.`)
    }
    return answered(async (signal) => {
      const series = await seriesWithin(asked, { ...range, points }, signal)
      return Promise.all(
        ids.map(async (device): Promise<History> => {
          const own = asked.flatMap(({ device: owner, metric }, i) =>
            owner === device ? [[metric, series[i] as RawSeries | BucketSeries] as const] : [],
          )
          const gaps = await gapsOf(
            device,
            range,
            own.map(([, one]) => one),
          )
          return { device, ...range, series: Object.fromEntries(own), gaps }
        }),
      )
    })
  }

  /** Every reading, page by page, series by series. HubError as `ranges`, at once or in between. */
  function readings({ devices: ids, metrics, ...span }: ReadingsQuestion): AsyncGenerator<ReadingsPage> {
    return pagesOf(seriesOf(ids, metrics), rangeOf(span), { store, answered })
  }

  return {
    ranges,

    /** As `ranges`, of one device. */
    async range({ device, ...question }: HistoryQuestion): Promise<History> {
      const [history] = await ranges({ devices: [device], ...question })
      return history as History
    },

    readings,

    /** The same as one file, which who asks for it removes. HubError `overloaded`, too, and `bad-request` for too many. */
    parquet: async (question: ReadingsQuestion) => files.parquet(readings(question)),
  }
}
