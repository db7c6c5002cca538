// Any batch that intake can make comes back from its bytes as it was.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Batch } from '../../core/ports.ts'
import type { Value } from '../../protocol/index.ts'
import { createBytes, memoryOf } from './bytes.ts'
import { decodeBatch, encodeBatch } from './record.ts'

const text = fc.string({ unit: 'binary', maxLength: 200 })
const numbers = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 5e-324, Number.MAX_VALUE, 21.5),
)
const cells: fc.Arbitrary<Value | null>[] = [
  numbers,
  fc.boolean(),
  text,
  fc.option(numbers),
  fc.option(fc.boolean()),
  fc.option(text),
  fc.constant(null),
  fc.oneof(numbers, fc.boolean(), text, fc.constant(null)),
]
const instants = fc.oneof(
  fc.integer({ min: 0, max: 8.64e15 }),
  fc.integer({ min: 1_700_000_000_000, max: 1_700_000_100_000 }),
  fc.constantFrom(-0, -1, 0.5),
)

const batches = fc.integer({ min: 1, max: 30 }).chain((rows) =>
  fc.record({
    device: text,
    receivedAt: numbers,
    stream: fc.option(text, { nil: undefined }),
    seq: fc.option(fc.maxSafeNat(), { nil: undefined }),
    at: fc.array(instants, { minLength: rows, maxLength: rows }),
    count: fc.integer({ min: 1, max: 0xffff_ffff }),
    series: fc.array(
      fc.tuple(text, fc.oneof(...cells.map((cell) => fc.array(cell, { minLength: rows, maxLength: rows })))),
      { maxLength: 6 },
    ),
  }),
)

function recode(batch: Batch): Batch {
  // Small at first, so that it has to grow; and not at the start of its memory.
  const bytes = createBytes(4)
  bytes.length = 3
  encodeBatch(bytes, batch)
  return decodeBatch({ ...memoryOf(bytes.buffer), at: 3 }, batch.count)
}

it('gives every batch back exactly, −0, the smallest number, nulls, mixed columns and any text included', () => {
  fc.assert(
    fc.property(batches, ({ series, ...rest }) => {
      const batch: Batch = {
        ...rest,
        metrics: series.map(([metric]) => metric),
        columns: series.map(([, column]) => column),
      }
      expect(recode(batch)).toStrictEqual(batch)
    }),
    { numRuns: 500 },
  )
})

it('keeps a short text that turns out not to be ASCII at its end', () => {
  const batch = { ...empty, at: [1], metrics: ['µ°C'], columns: [['21 °C', '🙂'].slice(0, 1)] }

  expect(recode(batch)).toStrictEqual(batch)
})

it('takes a byte or two for the time of a regular reading, and eight for its number', () => {
  const at = Array.from({ length: 1000 }, (_, i) => 1_700_000_000_000 + i * 1000)
  const bytes = createBytes(16)

  encodeBatch(bytes, { ...empty, at, metrics: ['temperature'], columns: [at.map((_, i) => i / 3)] })

  expect(bytes.length).toBeLessThan(1000 * 10 + 60)
})

const empty: Batch = {
  device: 'pump-1',
  receivedAt: 0,
  stream: undefined,
  seq: undefined,
  at: [],
  metrics: [],
  columns: [],
  count: 1,
}
