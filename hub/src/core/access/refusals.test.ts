// The hour's refusals: counted, explained, bounded.

import { expect, it } from 'vitest'
import { createRefusals } from './refusals.ts'

const refusal = {
  origin: 'https://a.test',
  where: 'http',
  code: 'origin-not-allowed',
  fix: 'telehub origins add https://a.test',
} as const

it('counts the same refusal and shows the newest first', () => {
  let now = 1
  const refusals = createRefusals({ clock: { now: () => now++ } })
  refusals.record(refusal)
  refusals.record({ ...refusal, where: 'ws' })
  refusals.record(refusal)
  expect(refusals.list().map(({ where, count }) => [where, count])).toEqual([
    ['http', 2],
    ['ws', 1],
  ])
})

it('forgets after an hour', () => {
  let now = 1
  const refusals = createRefusals({ clock: { now: () => now } })
  refusals.record(refusal)
  now += 3_600_000
  expect(refusals.list()).toEqual([])
})

it('keeps 500 at most: the one not seen for longest goes', () => {
  const refusals = createRefusals({ clock: { now: () => 1 } })
  refusals.record(refusal)
  for (let i = 0; i < 499; i++) refusals.record({ ...refusal, origin: `https://a${i}.test` })
  refusals.record(refusal)
  refusals.record({ ...refusal, origin: 'https://last.test' })
  const kept = refusals.list().map(({ origin }) => origin)
  expect(kept).toHaveLength(500)
  expect(kept).toContain('https://a.test')
  expect(kept).not.toContain('https://a0.test')
})

it('keeps nothing unprintable and nothing long', () => {
  const refusals = createRefusals({ clock: { now: () => 1 } })
  refusals.record({ ...refusal, origin: `\u001b[31m${'x'.repeat(10_000)}` })
  expect(refusals.list()[0]?.origin).toMatch(/^\\u\{1b\}\[31mx+…$/)
  expect(refusals.list()[0]?.origin.length).toBeLessThan(220)
})
