import { expect, it } from 'vitest'
import { createStreams } from './streams.ts'

it('knows a number that was kept, and only that', () => {
  const streams = createStreams()
  streams.add('d', 's', 5)
  expect([
    streams.has('d', 's', 5),
    streams.has('d', 's', 4),
    streams.has('d', 'other', 5),
    streams.has('e', 's', 5),
  ]).toEqual([true, false, false, false])
})

it('counts numbers from before its window as kept', () => {
  const streams = createStreams()
  for (let seq = 0; seq < 5_000; seq++) streams.add('d', 's', seq)
  expect([streams.has('d', 's', 1), streams.has('d', 's', 4_999), streams.has('d', 's', 5_000)]).toEqual([
    true,
    true,
    false,
  ])
})

it('forgets the stream that was used longest ago', () => {
  const streams = createStreams({ maxStreams: 2 })
  for (const stream of ['a', 'b', 'a', 'c']) streams.add('d', stream, 1)
  expect(['a', 'b', 'c'].map((stream) => streams.has('d', stream, 1))).toEqual([true, false, true])
})
