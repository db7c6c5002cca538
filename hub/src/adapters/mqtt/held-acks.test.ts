// Acknowledgements keep the order of their messages, whatever order the disk was in.

import { expect, it } from 'vitest'
import { createHeldAcks } from './held-acks.ts'

function three() {
  const acks = createHeldAcks()
  const sent: number[] = []
  const releases = [1, 2, 3].map((n) => {
    const release = acks.hold()
    return () => release(() => sent.push(n))
  })
  return { acks, sent, releases }
}

it('holds an acknowledgement until all before it may leave', () => {
  const { acks, sent, releases } = three()
  releases[1]!()
  releases[2]!()
  expect(sent).toEqual([])
  releases[0]!()
  expect(sent).toEqual([1, 2, 3])
  expect(acks.waiting).toBe(0)
})

it('sends nothing any more once dropped', () => {
  const { acks, sent, releases } = three()
  releases[0]!()
  acks.drop()
  releases[1]!()
  expect(sent).toEqual([1])
})

it('keeps order over many messages that are never all answered', () => {
  const acks = createHeldAcks()
  const sent: number[] = []
  let open: (() => void)[] = []
  for (let n = 0; n < 5_000; n++) {
    const release = acks.hold()
    open.push(() => release(() => sent.push(n)))
    if (open.length < 10) continue
    for (const one of open.slice(0, 5).reverse()) one()
    open = open.slice(5)
  }
  expect(sent).toEqual([...sent.keys()])
  expect(acks.waiting).toBe(open.length)
})
