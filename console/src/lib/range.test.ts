// Shows how ranges come out of the URL, move, and go back into it.

import { expect, it } from 'vitest'
import { draggedRange, rangeQuery, readRange, shiftRange, spanOf } from './range.ts'

const now = 1_800_000_000_000
const hour = 3_600_000

it('shows the last hour when the URL says nothing, or nonsense', () => {
  for (const query of [{}, { range: 'soon' }, { from: '9', to: '1' }, { from: 'x', to: '7' }]) {
    expect(spanOf(readRange(query), now)).toEqual({ from: now - hour, to: now })
  }
})

it('survives the way through the URL', () => {
  for (const query of [{ range: '7d' }, { from: String(now - 5_000), to: String(now) }]) {
    expect(rangeQuery(readRange(query))).toMatchObject(query)
  }
})

it('steps back by half its length and becomes fixed', () => {
  expect(shiftRange(readRange({ range: '1h' }), -1, now)).toEqual({
    kind: 'fixed',
    from: now - 1.5 * hour,
    to: now - hour / 2,
  })
})

it('follows now again when it is moved there', () => {
  const back = shiftRange(readRange({ range: '6h' }), -1, now)
  expect(shiftRange(back, 1, now)).toEqual(readRange({ range: '6h' }))
})

it('takes a drag in either direction, and no click for one', () => {
  expect(draggedRange(now, now - 60_000)).toEqual({ kind: 'fixed', from: now - 60_000, to: now })
  expect(draggedRange(now, now + 10)).toBeUndefined()
})
