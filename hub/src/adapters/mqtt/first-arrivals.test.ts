import { expect, it } from 'vitest'
import { createFakeClock } from '../../../test/fake-clock.ts'
import { createFirstArrivals } from './first-arrivals.ts'

const hello = Buffer.from('{"n":1}')
const other = Buffer.from('{"n":2}')
const publish = (messageId: number, dup: boolean, topic = 'a') => ({ messageId, dup, topic })

it('knows the time of the first arrival of a message that is sent again, and of no other', async () => {
  const clock = createFakeClock(1_000)
  const firstAt = createFirstArrivals({ clock })
  const first = firstAt('one', publish(1, false), hello)
  await clock.advance(500)
  expect([
    first,
    firstAt('one', publish(1, true), hello),
    firstAt('one', publish(1, true), hello),
    firstAt('two', publish(1, true), hello),
    firstAt('one', publish(2, true), hello),
  ]).toEqual([undefined, 1_000, 1_000, undefined, undefined])
})

it('takes an id that is used again for what it is', () => {
  const firstAt = createFirstArrivals({ clock: createFakeClock() })
  for (const again of [publish(1, false), publish(1, true, 'b')]) {
    firstAt('one', publish(1, false), hello)
    expect(firstAt('one', again, hello)).toBeUndefined()
  }
  firstAt('one', publish(1, false), hello)
  expect(firstAt('one', publish(1, true), other)).toBeUndefined()
})
