import { describe, expect, it } from 'vitest'
import type { ConsoleMessage } from '../protocol/messages.ts'
import type { Segment } from '../protocol/model.ts'
import { createWatches, type Snapshot } from './watches.ts'

const segment = (device: string, at: number): Segment => ({ device, at: [at], values: { a: [at] } })
const answer = (id: string, cursor: string, gaps: Snapshot['gaps'] = []) => ({
  type: 'watching' as const,
  id,
  cursor,
  devices: [],
  recent: [],
  gaps,
})

function setup() {
  const sent: ConsoleMessage[] = []
  const watches = createWatches((message) => void sent.push(message))
  const begin = (devices: '*' | string[]) => {
    const got: number[] = []
    const snapshots: Snapshot[] = []
    watches.add(
      { devices },
      { readings: ({ at }) => void got.push(...at), snapshot: (snapshot) => void snapshots.push(snapshot) },
    )
    return { got, snapshots }
  }
  const askedFrom = () => sent.flatMap((message) => (message.type === 'watch' ? [message.from] : []))
  return { watches, sent, begin, askedFrom }
}

describe('the watches of a client', () => {
  it('resume each from where it was itself', () => {
    const { watches, begin, askedFrom, sent } = setup()
    begin(['a'])
    begin(['b'])
    watches.answer(answer('w1', 'e:10'), 1_000)
    watches.readings([segment('a', 1)], 'e:50', 2_000)
    sent.length = 0
    watches.askAgain()
    expect(askedFrom()).toEqual(['e:50', undefined])
  })

  it('do not take a pong before their answer for progress', () => {
    const { watches, begin, askedFrom, sent } = setup()
    begin(['a'])
    watches.answer(answer('w1', 'e:10'), 1_000)
    watches.askAgain()
    watches.quiet('e:99', 5_000)
    sent.length = 0
    watches.askAgain()
    expect(askedFrom()).toEqual(['e:10'])
  })

  it('name a gap from where they were, when the hub does not know', () => {
    const { watches, begin } = setup()
    const { snapshots } = begin(['a'])
    watches.answer(answer('w1', 'e:10'), 1_000)
    watches.askAgain()
    watches.quiet('e:99', 5_000)
    watches.answer(answer('w1', 'f:1', [{ from: 0, to: 6_000, reason: 'dropped' }]), 6_000)
    expect(snapshots[1]).toMatchObject({ resumed: true, gaps: [{ from: 1_000, to: 6_000 }] })
  })

  it('hear only of their devices, and only after their answer', () => {
    const { watches, begin } = setup()
    const one = begin(['a'])
    const all = begin('*')
    watches.answer(answer('w1', 'e:1'), 1)
    watches.readings([segment('a', 1), segment('b', 2)], 'e:3', 2)
    watches.answer(answer('w2', 'e:3'), 3)
    watches.readings([segment('b', 4)], 'e:4', 4)
    expect([one.got, all.got]).toEqual([[1], [4]])
  })

  it('hear nothing after they were ended', () => {
    const { watches, sent } = setup()
    const got: Segment[] = []
    const end = watches.add({ devices: '*' }, { readings: (segment) => void got.push(segment) })
    watches.answer(answer('w1', 'e:1'), 1)
    end()
    watches.readings([segment('a', 1)], 'e:2', 2)
    expect([got, sent.at(-1)]).toEqual([[], { type: 'unwatch', id: 'w1' }])
  })
})
