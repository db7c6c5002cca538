// The outbox: in order, bounded, nothing lost by a break.

import { expect, it } from 'vitest'
import type { Message } from './carrier.ts'
import { createOutbox } from './outbox.ts'

function arrange({ keep = 100 } = {}) {
  const sent: string[] = []
  const dropped: number[] = []
  let now = 0
  const outbox = createOutbox({
    keep,
    now: () => now,
    transmit: ({ seq }, again) => sent.push(again ? `${seq} again` : `${seq}`),
    dropped: ({ seq }) => dropped.push(seq),
  })
  return {
    outbox,
    sent,
    dropped,
    push: (...seqs: number[]) => seqs.forEach((seq) => void outbox.push(message(seq))),
    at(ms: number) {
      now = ms
    },
  }
}

const message = (seq: number): Message => ({ seq, readings: [{ at: seq, values: { x: 1, y: 2 } }], count: 2 })

it('keeps everything until the link is up, then sends it in order', () => {
  const { outbox, sent, push } = arrange()
  push(0, 1, 2)
  expect(sent).toEqual([])

  outbox.open(10)

  expect(sent).toEqual(['0', '1', '2'])
  expect(outbox.pending()).toBe(6)
})

it('has no more in flight than the hub allows', () => {
  const { outbox, sent, push } = arrange()
  outbox.open(2)
  push(0, 1, 2, 3)
  expect(sent).toEqual(['0', '1'])

  outbox.settle(1)

  expect(sent).toEqual(['0', '1', '2'])
})

it('sends again after a break what was not acknowledged, before what came since', () => {
  const { outbox, sent, push } = arrange()
  outbox.open(10)
  push(0, 1, 2)
  outbox.settle(1)
  outbox.shut()
  push(3)

  outbox.open(10)

  expect(sent).toEqual(['0', '1', '2', '0 again', '2 again', '3'])
})

it('sends nothing at all before the time that the hub asked for', () => {
  const { outbox, sent, push, at } = arrange()
  outbox.open(10)
  push(0)
  outbox.hold(0, 1_000)
  push(1)
  at(999)
  outbox.release()
  expect(sent).toEqual(['0'])

  at(1_000)
  outbox.release()

  expect(sent).toEqual(['0', '0 again', '1'])
})

it('drops the oldest that waits when there is too much, and says so', () => {
  const { outbox, dropped, push } = arrange({ keep: 3 })

  push(0, 1, 2, 3, 4)

  expect(dropped).toEqual([0, 1])
  expect(outbox.pending()).toBe(6)
})

it('never drops what is in flight and may have arrived', () => {
  const { outbox, dropped, push } = arrange({ keep: 3 })
  outbox.open(2)

  push(0, 1, 2, 3, 4)

  expect(dropped).toEqual([2, 3])
  expect(outbox.settle(0)?.message.seq).toBe(0)
})

it('hears only the first answer to a message', () => {
  const { outbox, push } = arrange()
  outbox.open(10)
  push(0)

  expect(outbox.settle(0)).toMatchObject({ message: { seq: 0 } })
  expect(outbox.settle(0)).toBeUndefined()
  expect(outbox.pending()).toBe(0)
})

it('counts waiting into the latency, from when a message was to be sent', () => {
  const { outbox, push, at } = arrange()
  push(0)
  at(5_000)
  outbox.open(10)

  expect(outbox.settle(0)).toMatchObject({ since: 0, sentAt: 5_000 })
})
