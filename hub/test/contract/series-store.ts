// What every series store must do, whatever it is made of.

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Batch, Buckets, SeriesStore } from '../../src/core/ports.ts'
import type { Value } from '../../src/protocol/index.ts'

/** A place where a store keeps its data; a new one is empty. */
export interface Place {
  /** Opens the store, or opens it again after `close()`. */
  open(): Promise<SeriesStore>
  remove(): Promise<void>
}

/** Midnight, so that whole buckets begin there. */
const start = Date.UTC(2025, 2, 1)
const second = 1_000
const whole = { from: start - 86_400_000, to: start + 86_400_000, limit: 10_000 }

/** Readings of one device from `start` on, one a second unless times are given; `null` for no value. */
function batch(device: string, columns: Record<string, (Value | null)[]>, times?: number[]): Batch {
  const metrics = Object.keys(columns)
  const length = Math.max(0, ...Object.values(columns).map((column) => column.length))
  const at = times ?? Array.from({ length }, (_, i) => start + i * second)
  const count = Object.values(columns)
    .flat()
    .filter((value) => value !== null).length
  return { device, receivedAt: start, at, metrics, columns: Object.values(columns), count }
}

const mark = (position: number) => ({ epoch: 'abc123', position })

const nastyTexts = [
  '',
  'plain',
  'grüße 测试 🚀',
  'line\nbreak\r\nand\ttab',
  'a"\nevil v=1',
  'ends with backslash \\',
  'two of them \\\\',
  'comma, at the end,',
  'quote"',
  '\\"',
  "it's; DROP MEASUREMENT telemetry --",
  ' spaces = around ',
  '#no comment',
  'nul \u0000 inside',
]

const nastyNames = [
  "1'; DROP MEASUREMENT telemetry --",
  "1'; DROP TABLE numbers; --",
  'x\nevil v=1 1',
  'pump" OR "1"="1',
  'ends with \\',
  'comma,equals=space ',
  '100%25',
  'a:b:string',
  'grüße',
]

export function seriesStoreContract(name: string, newPlace: () => Promise<Place>) {
  describe(`series store: ${name}`, () => {
    let place: Place
    let store: SeriesStore

    beforeEach(async () => {
      place = await newPlace()
      store = await place.open()
    })
    afterEach(async () => {
      await store.close()
      await place.remove()
    })

    const raw = (device: string, metric: string) => store.raw(device, metric, whole)
    const buckets = async (device: string, metric: string, span: { from: number; to: number; bucketMs: number }) => {
      const [answer] = await store.buckets([{ device, metric }], span)
      return answer as Buckets
    }
    const values = async (device: string, metric: string) => (await raw(device, metric)).value

    describe('the mark', () => {
      it('is not there in an empty store', async () => {
        expect(await store.mark()).toBeUndefined()
      })

      it('is where the last write ended', async () => {
        await store.write([batch('pump-1', { temperature: [1] })], mark(1))
        await store.write([], { epoch: 'zzz', position: 2 ** 52 })
        expect(await store.mark()).toEqual({ epoch: 'zzz', position: 2 ** 52 })
      })

      it('outlives the process, together with the readings', async () => {
        await store.write([batch('pump-1', { temperature: [1, 2] })], mark(2))
        await store.close()
        store = await place.open()
        expect(await store.mark()).toEqual(mark(2))
        expect(await values('pump-1', 'temperature')).toEqual([1, 2])
      })
    })

    describe('a write', () => {
      it('keeps numbers to the last bit', async () => {
        const numbers = [5e-324, 1.7976931348623157e308, -1.7976931348623157e308, 0.1 + 0.2, 2 ** 53, 1e21, -1e-7, 3]
        await store.write([batch('pump-1', { value: numbers })], mark(8))
        expect(await values('pump-1', 'value')).toEqual(numbers)
      })

      it('keeps minus zero as zero', async () => {
        await store.write([batch('pump-1', { value: [-0] })], mark(1))
        expect(await values('pump-1', 'value')).toEqual([0])
      })

      it('keeps texts byte for byte', async () => {
        await store.write([batch('pump-1', { text: nastyTexts })], mark(nastyTexts.length))
        expect(await values('pump-1', 'text')).toEqual(nastyTexts)
      })

      it('keeps a text of the greatest length', async () => {
        const long = 'ü'.repeat(2_048)
        await store.write([batch('pump-1', { text: [long] })], mark(1))
        expect(await values('pump-1', 'text')).toEqual([long])
      })

      it('keeps booleans as booleans', async () => {
        await store.write([batch('pump-1', { running: [true, false, true] })], mark(3))
        expect(await raw('pump-1', 'running')).toEqual({
          at: [start, start + second, start + 2 * second],
          value: [true, false, true],
        })
      })

      it('leaves out what is null', async () => {
        await store.write([batch('pump-1', { a: [1, null, 3], b: [null, 2, null], c: [null, null, null] })], mark(3))
        expect(await raw('pump-1', 'a')).toEqual({ at: [start, start + 2 * second], value: [1, 3] })
        expect(await values('pump-1', 'b')).toEqual([2])
        expect(await values('pump-1', 'c')).toEqual([])
      })

      it('changes nothing when it comes again', async () => {
        const batches = [batch('pump-1', { temperature: [1, 2, 3], state: ['on', 'off', 'on'] })]
        await store.write(batches, mark(6))
        await store.write(batches, mark(6))
        expect(await values('pump-1', 'temperature')).toEqual([1, 2, 3])
        expect(await values('pump-1', 'state')).toEqual(['on', 'off', 'on'])
      })

      it('changes nothing when it comes again after a restart', async () => {
        await store.write([batch('pump-1', { temperature: [1, 2, 3] })], mark(3))
        await store.close()
        store = await place.open()
        await store.write([batch('pump-1', { temperature: [1, 2, 3, 4] })], mark(4))
        expect(await values('pump-1', 'temperature')).toEqual([1, 2, 3, 4])
      })

      it('replaces the value of the same time', async () => {
        await store.write([batch('pump-1', { temperature: [1, 2, 3], state: ['a', 'b', 'c'] })], mark(6))
        await store.write([batch('pump-1', { temperature: [20], state: ['B'] }, [start + second])], mark(8))
        expect(await values('pump-1', 'temperature')).toEqual([1, 20, 3])
        expect(await values('pump-1', 'state')).toEqual(['a', 'B', 'c'])
      })

      it('lets the later value win when one write has two for a time', async () => {
        const first = batch('pump-1', { temperature: [1, 2, 22] }, [start, start + second, start + second])
        const correction = batch('pump-1', { temperature: [11] }, [start])
        await store.write([first, correction], mark(4))
        expect(await values('pump-1', 'temperature')).toEqual([11, 22])
      })

      it('puts a late reading where it belongs', async () => {
        await store.write([batch('pump-1', { temperature: [1, 3] }, [start, start + 2 * second])], mark(2))
        await store.write([batch('pump-1', { temperature: [2] }, [start + second])], mark(3))
        expect(await values('pump-1', 'temperature')).toEqual([1, 2, 3])
        expect((await store.latest('pump-1')).temperature?.value).toBe(3)
      })

      it('takes a whole day backwards', async () => {
        const backwards = Array.from({ length: 5_000 }, (_, i) => 5_000 - i)
        const times = backwards.map((n) => start + n * second)
        await store.write([batch('pump-1', { temperature: backwards }, times)], mark(5_000))
        expect(await values('pump-1', 'temperature')).toEqual([...backwards].reverse())
      })

      it('takes a device with many metrics', async () => {
        const metrics = Array.from({ length: 256 }, (_, i) => `metric_${i}`)
        const columns = Object.fromEntries(metrics.map((metric, i) => [metric, [i, i + 0.5]]))
        await store.write([batch('pump-1', columns)], mark(512))
        expect(await values('pump-1', 'metric_255')).toEqual([255, 255.5])
        expect(Object.keys(await store.latest('pump-1'))).toHaveLength(256)
      })

      it('keeps two devices apart', async () => {
        const one = batch('pump-1', { temperature: [1, 2] })
        const other = batch('pump-2', { temperature: [10, 20] })
        await store.write([one, other], mark(4))
        expect(await values('pump-1', 'temperature')).toEqual([1, 2])
        expect(await values('pump-2', 'temperature')).toEqual([10, 20])
      })

      it('lets one metric be of another type on each device', async () => {
        await store.write([batch('pump-1', { state: [1] })], mark(1))
        await store.write([batch('door-1', { state: ['open'] }), batch('lamp-1', { state: [true] })], mark(3))
        expect(await values('pump-1', 'state')).toEqual([1])
        expect(await values('door-1', 'state')).toEqual(['open'])
        expect(await values('lamp-1', 'state')).toEqual([true])
        const { count } = await buckets('door-1', 'state', { ...whole, bucketMs: second })
        expect(count).toEqual([1])
      })

      it.each([Number.NaN, Number.POSITIVE_INFINITY])(
        'is refused with %s in it, and keeps nothing of it',
        async (bad) => {
          const write = store.write([batch('pump-1', { fine: [1] }), batch('pump-1', { bad: [bad] })], mark(2))
          await expect(write).rejects.toMatchObject({ name: 'StoreError', fault: 'refused' })
          expect(await store.series()).toEqual([])
          expect(await store.mark()).toBeUndefined()
        },
      )
    })

    describe('raw readings', () => {
      beforeEach(async () => {
        await store.write([batch('pump-1', { temperature: [0, 1, 2, 3, 4] })], mark(5))
      })

      it('begin with `from` and end before `to`', async () => {
        const range = { from: start + second, to: start + 3 * second, limit: 10 }
        expect((await store.raw('pump-1', 'temperature', range)).value).toEqual([1, 2])
      })

      it('stop at the limit, oldest first', async () => {
        expect((await store.raw('pump-1', 'temperature', { ...whole, limit: 2 })).value).toEqual([0, 1])
      })

      it('are none for a device, a metric or a time that is not there', async () => {
        const nothing = { at: [], value: [] }
        expect(await raw('pump-9', 'temperature')).toEqual(nothing)
        expect(await raw('pump-1', 'pressure')).toEqual(nothing)
        expect(await store.raw('pump-1', 'temperature', { from: 0, to: start, limit: 10 })).toEqual(nothing)
      })
    })

    describe('buckets', () => {
      it('are aligned to the epoch and exact for numbers', async () => {
        const times = [start + 500, start + 1_000, start + 9_999, start + 10_000, start + 35_000]
        await store.write([batch('pump-1', { temperature: [4, -2, 1, 8, 5] }, times)], mark(5))
        const range = { from: start, to: start + 60_000, bucketMs: 10_000 }
        expect(await buckets('pump-1', 'temperature', range)).toEqual({
          at: [start, start + 10_000, start + 30_000],
          min: [-2, 8, 5],
          max: [4, 8, 5],
          mean: [1, 8, 5],
          count: [3, 1, 1],
          first: [4, 8, 5],
          last: [1, 8, 5],
        })
      })

      it('hold only what lies between `from` and `to`', async () => {
        await store.write([batch('pump-1', { temperature: [0, 1, 2, 3, 4, 5] })], mark(6))
        const range = { from: start + second, to: start + 5 * second, bucketMs: 3 * second }
        expect(await buckets('pump-1', 'temperature', range)).toMatchObject({
          at: [start, start + 3 * second],
          count: [2, 2],
          last: [2, 4],
        })
      })

      it('can be a week wide', async () => {
        const week = 7 * 86_400_000
        await store.write([batch('pump-1', { temperature: [1, 2] }, [start, start + week])], mark(2))
        const { at } = await buckets('pump-1', 'temperature', { from: 0, to: start + 2 * week, bucketMs: week })
        expect(at).toEqual([Math.floor(start / week) * week, Math.floor(start / week) * week + week])
      })

      it('take the value of the newest time as the last, also when it came first', async () => {
        await store.write([batch('pump-1', { temperature: [9] }, [start + 5 * second])], mark(1))
        await store.write([batch('pump-1', { temperature: [1, 2] })], mark(3))
        const { last } = await buckets('pump-1', 'temperature', { ...whole, bucketMs: 60_000 })
        expect(last).toEqual([9])
      })

      it('count booleans as 0 and 1, and keep the last one a boolean', async () => {
        const running = [true, true, false, true, false, false]
        await store.write([batch('pump-1', { running })], mark(6))
        const range = { from: start, to: start + 60_000, bucketMs: 2 * second }
        expect(await buckets('pump-1', 'running', range)).toEqual({
          at: [start, start + 2 * second, start + 4 * second],
          min: [1, 0, 0],
          max: [1, 1, 0],
          mean: [1, 0.5, 0],
          count: [2, 2, 2],
          first: [true, false, false],
          last: [true, true, false],
        })
      })

      it('have only count, first and last for texts', async () => {
        await store.write([batch('pump-1', { state: ['on', 'off', 'on "it"\\'] })], mark(3))
        const range = { from: start, to: start + 60_000, bucketMs: 2 * second }
        expect(await buckets('pump-1', 'state', range)).toEqual({
          at: [start, start + 2 * second],
          count: [2, 1],
          first: ['on', 'on "it"\\'],
          last: ['off', 'on "it"\\'],
        })
      })

      it('have a finite mean where the sum is not', async () => {
        const huge = [1.7976931348623157e308, 1.7976931348623157e308]
        await store.write([batch('pump-1', { value: huge })], mark(2))
        const { mean } = await buckets('pump-1', 'value', { ...whole, bucketMs: 60_000 })
        expect(mean).toEqual([1.7976931348623157e308])
      })

      it('are none for a series that is not there', async () => {
        const { at, count, last } = await buckets('pump-9', 'temperature', { ...whole, bucketMs: second })
        expect([at, count, last]).toEqual([[], [], []])
      })
    })

    describe('the latest readings', () => {
      it('are the newest of each metric, whenever that was', async () => {
        await store.write([batch('pump-1', { temperature: [1, 2, null], running: [true, null, null] })], mark(3))
        await store.write([batch('pump-1', { state: ['on'] }, [start - 60_000])], mark(4))
        expect(await store.latest('pump-1')).toEqual({
          temperature: { at: start + second, value: 2 },
          running: { at: start, value: true },
          state: { at: start - 60_000, value: 'on' },
        })
      })

      it('are known again after a restart', async () => {
        await store.write([batch('pump-1', { temperature: [1, 2], state: ['on', 'off'] })], mark(4))
        await store.close()
        store = await place.open()
        expect(await store.latest('pump-1')).toEqual({
          temperature: { at: start + second, value: 2 },
          state: { at: start + second, value: 'off' },
        })
      })

      it('are none for an unknown device', async () => {
        expect(await store.latest('pump-9')).toEqual({})
      })
    })

    describe('the series', () => {
      it('are listed with their types, also after a restart', async () => {
        const written = [
          { device: 'door-1', metric: 'state', type: 'boolean' },
          { device: 'pump-1', metric: 'state', type: 'string' },
          { device: 'pump-1', metric: 'temperature', type: 'number' },
        ]
        await store.write([batch('pump-1', { temperature: [1], state: ['on'] })], mark(2))
        await store.write([batch('door-1', { state: [true] })], mark(3))
        const sorted = async () =>
          [...(await store.series())].sort((a, b) => (a.device + a.metric < b.device + b.metric ? -1 : 1))
        expect(await sorted()).toEqual(written)
        await store.close()
        store = await place.open()
        expect(await sorted()).toEqual(written)
      })

      it('of a device that is forgotten are gone, and can begin anew with another type', async () => {
        await store.write([batch('pump-1', { temperature: [1] }), batch('pump-2', { temperature: [2] })], mark(2))
        await store.forget('pump-1')
        expect(await values('pump-1', 'temperature')).toEqual([])
        expect(await store.latest('pump-1')).toEqual({})
        expect(await store.series()).toEqual([{ device: 'pump-2', metric: 'temperature', type: 'number' }])
        expect(await values('pump-2', 'temperature')).toEqual([2])
        await store.write([batch('pump-1', { temperature: ['warm'] })], mark(3))
        expect(await values('pump-1', 'temperature')).toEqual(['warm'])
      })
    })

    describe('names', () => {
      it.each(nastyNames)('are only names: %j', async (nasty) => {
        await store.write([batch('pump-1', { temperature: [1] })], mark(1))
        await store.write([batch(nasty, { [nasty]: [7, 8] })], mark(3))
        expect(await values(nasty, nasty)).toEqual([7, 8])
        expect(await store.latest(nasty)).toEqual({ [nasty]: { at: start + second, value: 8 } })
        expect(await store.series()).toContainEqual({ device: nasty, metric: nasty, type: 'number' })
        expect((await buckets(nasty, nasty, { ...whole, bucketMs: 60_000 })).count).toEqual([2])
        await store.forget(nasty)
        expect(await store.series()).toEqual([{ device: 'pump-1', metric: 'temperature', type: 'number' }])
        expect(await values('pump-1', 'temperature')).toEqual([1])
      })

      it.each(nastyNames)('that nobody wrote are found nowhere and harm nothing: %j', async (nasty) => {
        await store.write([batch('pump-1', { temperature: [1] })], mark(1))
        expect(await values(nasty, 'temperature')).toEqual([])
        expect(await values('pump-1', nasty)).toEqual([])
        await store.forget(nasty)
        expect(await values('pump-1', 'temperature')).toEqual([1])
      })
    })

    it('answers many questions at once while it is written', async () => {
      const readings = Array.from({ length: 3_000 }, (_, i) => i)
      const writing = store.write([batch('pump-1', { temperature: readings })], mark(3_000))
      await Promise.all(Array.from({ length: 20 }, () => raw('pump-1', 'temperature')))
      await writing
      expect(await values('pump-1', 'temperature')).toEqual(readings)
    })

    it('says that it can be used, and after close that it cannot', async () => {
      await expect(store.check()).resolves.toBeUndefined()
      await store.close()
      await expect(store.check()).rejects.toMatchObject({ name: 'StoreError', fault: 'unavailable' })
    })
  })
}
