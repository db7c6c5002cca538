// What every series store must answer over days and months: buckets that equal the figures computed from all readings.

import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Batch, Buckets, SeriesStore } from '../../src/core/ports.ts'
import type { Value } from '../../src/protocol/index.ts'
import type { Place } from './series-store.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const start = Date.UTC(2025, 2, 1)

/** What a person would compute with all readings on paper. */
function computed(readings: ReadonlyMap<number, Value>, span: { from: number; to: number; bucketMs: number }): Buckets {
  const buckets = new Map<number, Value[]>()
  for (const at of [...readings.keys()].sort((a, b) => a - b)) {
    if (at < span.from || at >= span.to) continue
    const bucket = Math.floor(at / span.bucketMs) * span.bucketMs
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), readings.get(at) as Value])
  }
  const each = [...buckets.values()]
  const always = {
    at: [...buckets.keys()],
    count: each.map((values) => values.length),
    first: each.map((values) => values[0] as Value),
    last: each.map((values) => values.at(-1) as Value),
  }
  if (typeof always.first[0] === 'string') return always
  const numbers = each.map((values) => values.map(Number))
  return {
    ...always,
    min: numbers.map((values) => Math.min(...values)),
    max: numbers.map((values) => Math.max(...values)),
    mean: numbers.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length),
  }
}

/** The order in which values are added makes a difference in the last digits. */
function rounded(buckets: Buckets | undefined) {
  return buckets && { ...buckets, ...(buckets.mean && { mean: buckets.mean.map((mean) => mean.toPrecision(10)) }) }
}

/** A walk that looks random and is the same each time. */
function walk(length: number): number[] {
  let state = 1
  let value = 20
  return Array.from({ length }, () => {
    state = (state * 48_271) % 2_147_483_647
    value += (state / 2_147_483_647 - 0.5) / 2
    return Math.round(value * 100) / 100
  })
}

export function seriesTiersContract(name: string, newPlace: () => Promise<Place>) {
  describe(`series store over time: ${name}`, () => {
    let place: Place
    let store: SeriesStore
    let position = 0

    beforeEach(async () => {
      place = await newPlace()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })

    /** Writes readings that the hub got at `receivedAt`: as they were measured, unless it is said. */
    async function write(device: string, metric: string, at: number[], values: Value[], receivedAt = at.at(-1) ?? 0) {
      position += at.length
      const batch: Batch = { device, receivedAt, at, metrics: [metric], columns: [values], count: at.length }
      await store.write([batch], { epoch: 'abc123', position })
    }

    /** Some time passes, in which another device reports. */
    async function passed(until: number) {
      await write('clock', 'tick', [until], [1])
      await write('clock', 'tick', [until + second], [2])
    }

    async function buckets(device: string, metric: string, span: { from: number; to: number; bucketMs: number }) {
      const [answer] = await store.buckets([{ device, metric }], span)
      return rounded(answer)
    }

    const raw = async (device: string, metric: string, from: number, to: number) =>
      store.raw(device, metric, { from, to, limit: 1_000_000 })

    async function expireAll(before: { raw: number; minute: number }) {
      for (let steps = 0; steps < 10_000; steps++) if (!(await store.expire(before))) return
      throw new Error('the store does not come to an end')
    }

    /** Two and a half days, a reading every 20 s, three hours a write. */
    async function manyReadings(of: (values: number[]) => Value[] = (values) => values) {
      const length = (2.5 * day) / (20 * second)
      const at = Array.from({ length }, (_, i) => start + i * 20 * second + (i % 7))
      const values = of(walk(length))
      for (let i = 0; i < length; i += 180)
        await write('pump-1', 'value', at.slice(i, i + 540), values.slice(i, i + 540))
      return new Map(at.map((time, i) => [time, values[i] as Value]))
    }

    const spans = [
      { from: start, to: start + 3 * day, bucketMs: minute },
      { from: start, to: start + 3 * day, bucketMs: hour },
      { from: start - day, to: start + 10 * day, bucketMs: 5 * hour },
      { from: start + 90 * minute + 12_345, to: start + 40 * hour + 54_321, bucketMs: 3 * hour },
      { from: start + 10 * hour + 30_001, to: start + 30 * hour + 1, bucketMs: 7 * minute },
      { from: start + 10_500, to: start + 50_500, bucketMs: minute },
      { from: start + 55 * hour + 1, to: start + 70 * hour, bucketMs: 100 * second },
    ]

    describe('buckets', () => {
      it.each([
        ['numbers', (values: number[]): Value[] => values],
        ['booleans', (values: number[]): Value[] => values.map((value) => value > 20)],
        ['texts', (values: number[]): Value[] => values.map((value) => `level ${Math.round(value)}`)],
      ])('of %s equal what is computed from all readings, for any width and range', async (_, of) => {
        const readings = await manyReadings(of)
        for (const span of spans)
          expect(await buckets('pump-1', 'value', span)).toEqual(rounded(computed(readings, span)))
        await store.close()
        store = await place.open()
        for (const span of spans)
          expect(await buckets('pump-1', 'value', span)).toEqual(rounded(computed(readings, span)))
      })

      it('are answered for many series at once, in the order asked', async () => {
        await write('pump-1', 'a', [start], [1])
        await write('pump-2', 'b', [start + second], ['on'])
        await passed(start + day)
        const names = [
          { device: 'pump-2', metric: 'b' },
          { device: 'pump-3', metric: 'a' },
          { device: 'pump-1', metric: 'a' },
          { device: 'pump-2', metric: 'b' },
        ]
        const answers = await store.buckets(names, { from: start, to: start + hour, bucketMs: minute })
        expect(answers.map(({ last }) => last)).toEqual([['on'], [], [1], ['on']])
      })

      it('have a reading that comes three days late, in raw, minutes and hours', async () => {
        const readings = await manyReadings()
        const late = start + 5 * hour + 30_500
        await write('pump-1', 'value', [late], [99.5], start + 3 * day + 5 * hour)
        readings.set(late, 99.5)
        expect((await raw('pump-1', 'value', late - minute, late + minute)).value).toContain(99.5)
        for (const bucketMs of [second, minute, hour]) {
          const span = { from: start + 4 * hour, to: start + 7 * hour, bucketMs }
          expect(await buckets('pump-1', 'value', span)).toEqual(rounded(computed(readings, span)))
        }
      })

      it('have a reading of long before all others', async () => {
        const readings = await manyReadings()
        const early = start - 20 * day + 1
        await write('pump-1', 'value', [early], [-3], start + 3 * day)
        readings.set(early, -3)
        const span = { from: start - 30 * day, to: start + 3 * day, bucketMs: 6 * hour }
        expect(await buckets('pump-1', 'value', span)).toEqual(rounded(computed(readings, span)))
      })

      it('follow a reading that is replaced, also when it was the lowest, the first or the last', async () => {
        const at = [start, start + 10 * second, start + 50 * second, start + hour + second]
        await write('pump-1', 'value', at, [1, 9, 3, 4])
        await passed(start + day)
        for (const [time, value] of [
          [start, 5],
          [start + 10 * second, 2],
          [start + 50 * second, 7],
        ] as const)
          await write('pump-1', 'value', [time], [value], start + day)
        const readings = new Map([
          [start, 5],
          [start + 10 * second, 2],
          [start + 50 * second, 7],
          [start + hour + second, 4],
        ])
        for (const bucketMs of [minute, hour, 2 * hour]) {
          const span = { from: start, to: start + day, bucketMs }
          expect(await buckets('pump-1', 'value', span)).toEqual(rounded(computed(readings, span)))
        }
      })

      it('stay as they are when the same is written again', async () => {
        const readings = await manyReadings()
        const at = [...readings.keys()].slice(1_000, 3_000)
        await write(
          'pump-1',
          'value',
          at,
          at.map((time) => readings.get(time) as Value),
          start + 3 * day,
        )
        for (const span of spans)
          expect(await buckets('pump-1', 'value', span)).toEqual(rounded(computed(readings, span)))
      })

      it('are those of the readings, whatever comes in whatever order', async () => {
        const value = fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((number) => number + 0)
        const message = fc.record({
          waitMs: fc.integer({ min: 0, max: 16 * hour }),
          lateMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3 * day })),
          stepMs: fc.constantFrom(0, 1, 500, second, minute, 47 * minute),
          values: fc.array(value, { minLength: 1, maxLength: 30 }),
        })
        const question = fc.record({
          begin: fc.integer({ min: -4 * day, max: 2 * day }),
          length: fc.integer({ min: 1, max: 6 * day }),
          bucketMs: fc.constantFrom(second, 90 * second, minute, 10 * minute, hour, 4 * hour, day),
        })
        let run = 0
        await fc.assert(
          fc.asyncProperty(
            fc.array(message, { maxLength: 12 }),
            fc.array(question, { minLength: 1, maxLength: 4 }),
            async (messages, questions) => {
              const device = `meter-${run}`
              // The hub's clock goes on: what one run has written is days old in the next.
              const begin = start + run * 5 * day
              run += 1
              const readings = new Map<number, Value>()
              let now = begin
              for (const { waitMs, lateMs, stepMs, values } of messages) {
                now += waitMs
                const at = values.map((_, i) => now - lateMs - i * stepMs)
                await write(device, 'value', at, values, now)
                for (const [i, one] of values.entries()) readings.set(at[i] as number, one === 0 ? 0 : one)
              }
              for (const { begin: after, length, bucketMs } of questions) {
                const span = { from: begin + after, to: begin + after + length, bucketMs }
                const expected = rounded(computed(readings, span))
                expect(await buckets(device, 'value', span)).toEqual(
                  expected?.at.length === 0 ? expect.objectContaining({ at: [] }) : expected,
                )
              }
              const all = [...readings].sort(([a], [b]) => a - b)
              expect(await raw(device, 'value', begin - 10 * day, begin + 10 * day)).toEqual({
                at: all.map(([at]) => at),
                value: all.map(([, one]) => one),
              })
            },
          ),
          { numRuns: 25, seed: 20_250_301 },
        )
      }, 60_000)
    })

    describe('few readings', () => {
      it('are given as they are, up to the number asked for', async () => {
        const at = Array.from({ length: 10 }, (_, i) => start + i * 6 * hour)
        for (const [i, time] of at.entries()) await write('pump-1', 'value', [time], [i])
        await write('pump-2', 'value', at.slice(0, 3), ['a', 'b', 'c'])
        await write('pump-2', 'on', at.slice(0, 1), [true])
        const names = [
          { device: 'pump-1', metric: 'value' },
          { device: 'pump-2', metric: 'value' },
          { device: 'pump-2', metric: 'on' },
          { device: 'pump-9', metric: 'on' },
        ]
        const span = { from: start, to: start + 4 * day }
        const [none, ...others] = await store.few(names, { ...span, atMost: 9 })
        expect(none).toBeUndefined()
        expect(others).toEqual([
          { at: at.slice(0, 3), value: ['a', 'b', 'c'] },
          { at: at.slice(0, 1), value: [true] },
          { at: [], value: [] },
        ])
        const [all] = await store.few(names, { ...span, atMost: 10 })
        expect(all).toEqual({ at, value: at.map((_, i) => i) })
      })
    })

    describe('what has outlived its retention', () => {
      it('goes step by step: readings, then minutes; hours stay, and what is younger', async () => {
        const readings = await manyReadings()
        await passed(start + 3 * day)
        expect(await store.kept()).toEqual({ raw: -Infinity, minute: -Infinity, hour: -Infinity })

        const rawFrom = start + 30 * hour
        await expireAll({ raw: rawFrom + 40 * minute, minute: start - day })
        expect((await store.kept()).raw).toBe(rawFrom)
        expect((await raw('pump-1', 'value', 0, start + 9 * day)).at[0]).toBeGreaterThanOrEqual(rawFrom)
        for (const span of spans.slice(0, 3))
          expect(await buckets('pump-1', 'value', span)).toEqual(rounded(computed(readings, span)))

        const minuteFrom = start + 10 * hour
        await expireAll({ raw: rawFrom, minute: minuteFrom })
        expect(await store.kept()).toEqual({ raw: rawFrom, minute: minuteFrom, hour: -Infinity })
        for (const span of [
          { from: start, to: start + 3 * day, bucketMs: hour },
          { from: minuteFrom, to: start + 3 * day, bucketMs: minute },
        ])
          expect(await buckets('pump-1', 'value', span)).toEqual(rounded(computed(readings, span)))
      })

      it('cannot be asked for reading by reading', async () => {
        await write('pump-1', 'value', [start, start + second], [1, 2])
        await passed(start + 2 * day)
        await expireAll({ raw: start + day, minute: start - day })
        const span = { from: start, to: start + day }
        expect(await store.few([{ device: 'pump-1', metric: 'value' }], { ...span, atMost: 10 })).toEqual([undefined])
        expect(await buckets('pump-1', 'value', { ...span, bucketMs: minute })).toMatchObject({
          at: [start],
          count: [2],
        })
        expect(await store.series()).toContainEqual({ device: 'pump-1', metric: 'value', type: 'number' })
      })

      it('of a device that is forgotten is forgotten, too', async () => {
        await write('pump-1', 'value', [start, start + second], [1, 2])
        await passed(start + 2 * day)
        await expireAll({ raw: start + day, minute: start + day })
        await store.forget('pump-1')
        await write('pump-1', 'value', [start + 2 * day], [3])
        const span = { from: start - day, to: start + 3 * day, bucketMs: hour }
        expect(await buckets('pump-1', 'value', span)).toMatchObject({ count: [1], last: [3] })
      })
    })

    it('gives up a question when it is told to', async () => {
      await manyReadings()
      const span = { from: start, to: start + 3 * day, signal: AbortSignal.abort() }
      const given = { name: 'StoreError', fault: 'unavailable' }
      await expect(
        store.buckets([{ device: 'pump-1', metric: 'value' }], { ...span, bucketMs: 1 }),
      ).rejects.toMatchObject(given)
      await expect(store.raw('pump-1', 'value', { ...span, limit: 10 })).rejects.toMatchObject(given)
      expect(await store.raw('pump-1', 'value', { from: start, to: start + second, limit: 1 })).toMatchObject({
        at: [start],
      })
    })
  })
}
