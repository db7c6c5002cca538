import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Value } from '../../protocol/index.ts'
import type { Batch } from '../ports.ts'
import { partOf } from './parts.ts'

/** `at metric value` of every reading, metric after metric. */
function readingsIn({ at, metrics, columns }: Batch): string[] {
  return metrics.flatMap((metric, m) =>
    at.flatMap((instant, i) => (columns[m]?.[i] === null ? [] : [`${instant} ${metric} ${columns[m]?.[i]}`])),
  )
}

const batches = fc
  .record({ rows: fc.integer({ min: 1, max: 6 }), metrics: fc.integer({ min: 1, max: 4 }) })
  .chain(({ rows, metrics }) =>
    fc.array(fc.array(fc.option(fc.nat(9), { nil: null }), { minLength: rows, maxLength: rows }), {
      minLength: metrics,
      maxLength: metrics,
    }),
  )
  .map((columns: (Value | null)[][]): Batch => {
    const count = columns.flat().filter((value) => value !== null).length
    const at = columns[0]?.map((_, i) => i * 10) ?? []
    return { device: 'a', receivedAt: 1, at, metrics: columns.map((_, m) => `m${m}`), columns, count }
  })

it('two parts of a batch hold together what it holds, with nothing empty in them', () => {
  fc.assert(
    fc.property(batches, fc.nat(24), (batch, cut) => {
      const middle = Math.min(cut, batch.count)
      const parts = [partOf(batch, 0, middle), partOf(batch, middle, batch.count)]
      expect(parts.flatMap(readingsIn)).toEqual(readingsIn(batch))
      for (const { at, columns, count } of parts) {
        expect(columns.flat().filter((value) => value !== null).length).toBe(count)
        expect(columns.every((column) => column.length === at.length && column.some((value) => value !== null))).toBe(
          true,
        )
      }
    }),
  )
})
