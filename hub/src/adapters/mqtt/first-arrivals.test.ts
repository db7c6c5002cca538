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
  ]).toEqual([1_000, 1_000, 1_000, 1_500, 1_500])
})

it('takes an id that is used again for what it is', async () => {
  const clock = createFakeClock(0)
  const firstAt = createFirstArrivals({ clock })
  const again: (number | undefined)[] = []
  for (const [packet, payload] of [
    [publish(1, false), hello],
    [publish(1, true, 'b'), hello],
    [publish(1, true), other],
  ] as const) {
    firstAt('one', publish(1, false), hello)
    await clock.advance(10)
    again.push(firstAt('one', packet, payload))
  }
  expect(again).toEqual([10, 20, 30])
})
