// The same thing is told once a minute, and then how often it was left untold.

import { expect, it } from 'vitest'
import { createRepeats } from './repeats.ts'

it('lets one of a kind through in a minute and counts the rest', () => {
  let now = 0
  const repeats = createRepeats({ clock: { monotonic: () => now } })
  expect([repeats('a'), repeats('b'), repeats('a'), repeats('a')]).toEqual([0, 0, undefined, undefined])
  now += 60_000
  expect([repeats('a'), repeats('a'), repeats('b')]).toEqual([2, undefined, 0])
})

it('forgets the oldest kind when there are too many', () => {
  const repeats = createRepeats({ clock: { monotonic: () => 0 } })
  for (let n = 0; n <= 1_000; n++) repeats(`kind ${n}`)
  expect([repeats('kind 1000'), repeats('kind 0')]).toEqual([undefined, 0])
})
