import fc from 'fast-check'
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

it('keeps numbers that follow one another as one range, however they came', () => {
  const streams = createStreams()
  for (const seq of [3, 1, 2, 5, 4, 5, 9]) streams.add('d', 's', seq)
  expect(streams.all()).toEqual([{ device: 'd', stream: 's', ranges: [1, 5, 9, 9] }])
})

it('takes a number that was left out for a new one, however long ago that was', () => {
  const streams = createStreams()
  for (let seq = 0; seq < 100_000; seq++) if (seq !== 7) streams.add('d', 's', seq)
  expect([streams.has('d', 's', 6), streams.has('d', 's', 7), streams.has('d', 's', 8)]).toEqual([true, false, true])
})

it('says which numbers are ahead of their turn', () => {
  const streams = createStreams()
  expect([4, 5, 7, 6, 8, 8, 1, 20].map((seq) => streams.add('d', 's', seq))).toEqual([
    false,
    false,
    true,
    false,
    false,
    false,
    false,
    true,
  ])
})

it('forgets the stream that was used longest ago', () => {
  const streams = createStreams({ maxRanges: 2 })
  for (const stream of ['a', 'b', 'a', 'c']) streams.add('d', stream, 1)
  expect(['a', 'b', 'c'].map((stream) => streams.has('d', stream, 1))).toEqual([true, false, true])
})

const messages = fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.constantFrom('s', 't'), fc.nat({ max: 200 })), {
  maxLength: 400,
})

it('never takes a message for kept that was not, whatever came, also after a restart; and knows the newest', () => {
  fc.assert(
    fc.property(messages, fc.nat({ max: 400 }), (sent, restartAfter) => {
      let streams = createStreams()
      const kept = new Set<string>()
      sent.forEach(([device, stream, seq], i) => {
        if (i === restartAfter) {
          const restarted = createStreams()
          restarted.restore(streams.all())
          streams = restarted
        }
        streams.add(device, stream, seq)
        kept.add(`${device} ${stream} ${seq}`)
        expect(streams.has(device, stream, seq) || seq < 200 - 64 * 2).toBe(true)
      })
      for (const device of ['a', 'b'])
        for (const stream of ['s', 't'])
          for (let seq = 0; seq <= 201; seq++)
            if (streams.has(device, stream, seq)) expect(kept).toContain(`${device} ${stream} ${seq}`)
    }),
  )
})

it('stays small when a sender leaves out every second number', () => {
  const streams = createStreams()
  for (let seq = 0; seq < 10_000; seq += 2) streams.add('d', 's', seq)
  expect([streams.all()[0]?.ranges.length, streams.has('d', 's', 9_998), streams.has('d', 's', 9_999)]).toEqual([
    128,
    true,
    false,
  ])
})
