// The checker finds every kind of broken word, and is content with a hub that kept its own.

import { describe, expect, it } from 'vitest'
import { type Counts, type Evidence, judge } from './checker.ts'
import type { Line, Reading } from './history.ts'

const reading = (at: number, value: number | boolean | string = at): Reading => {
  return { device: 'pump-1', metric: 'n', at, value }
}
const line = (event: Line['event'], ...readings: Reading[]): Line => {
  return { event, via: 'ws', seq: readings[0]?.at ?? 0, readings }
}
const sentAndAcknowledged = (...ats: number[]) =>
  ats.flatMap((at) => [line('send', reading(at)), line('ack', reading(at))])
const counted = (stored: number, others: Partial<Counts> = {}): Counts => {
  return { accepted: stored, stored, pending: 0, deadLetter: 0, expired: 0, ...others }
}
const kinds = (evidence: Evidence) => judge(evidence).violations.map(({ kind }) => kind)

describe('the checker is content when', () => {
  it('all that was acknowledged is there once', () => {
    const verdict = judge({
      history: sentAndAcknowledged(1, 2),
      found: [reading(1), reading(2)],
      counts: counted(2),
    })
    expect(verdict).toEqual({
      holds: true,
      violations: [],
      tally: { sent: 2, acknowledged: 2, refused: 0, again: 0, found: 2 },
    })
  })

  it('a reading that nobody acknowledged is there', () => {
    expect(kinds({ history: [line('send', reading(1))], found: [reading(1)], counts: counted(1) })).toEqual([])
  })

  it('a reading that nobody acknowledged is not there', () => {
    expect(kinds({ history: [line('send', reading(1))], found: [], counts: counted(0) })).toEqual([])
  })

  it('a reading that was refused at first came through later', () => {
    const history = [line('send', reading(1)), line('nack', reading(1)), ...sentAndAcknowledged(1)]
    expect(kinds({ history, found: [reading(1)], counts: counted(1) })).toEqual([])
  })

  it('a reading sent again was kept twice in the journal and is in the store once', () => {
    const history = [line('send', reading(1)), ...sentAndAcknowledged(1)]
    expect(kinds({ history, found: [reading(1)], counts: counted(2) })).toEqual([])
  })

  it('a broker may have sent a reading again by itself', () => {
    const evidence = { history: sentAndAcknowledged(1), found: [reading(1)], counts: counted(2), brokerRepeats: 1 }
    expect(kinds(evidence)).toEqual([])
  })

  it('what is missing was put aside and counted', () => {
    const counts = counted(1, { accepted: 2, deadLetter: 1 })
    const history = sentAndAcknowledged(1, 2)
    expect(kinds({ history, found: [reading(1)], counts, deadLetters: [reading(2)] })).toEqual([])
  })

  it('what a damaged disk took was reported', () => {
    const counts = counted(1, { accepted: 2, expired: 1 })
    expect(kinds({ history: sentAndAcknowledged(1, 2), found: [reading(1)], counts, reportedLost: 1 })).toEqual([])
  })
})

describe('the checker finds', () => {
  it('an acknowledged reading that is lost, by its name', () => {
    const { holds, violations } = judge({
      history: sentAndAcknowledged(1, 2),
      found: [reading(1)],
      counts: counted(1),
    })
    expect(holds).toBe(false)
    expect(violations).toEqual([{ kind: 'lost', detail: 'pump-1 n 2 was acknowledged and is not in the store' }])
  })

  it('a loss that is larger than what was reported', () => {
    const evidence = { history: sentAndAcknowledged(1, 2), found: [], counts: counted(0), reportedLost: 1 }
    expect(kinds(evidence)).toEqual(['lost', 'lost'])
  })

  it('a reading that is there twice', () => {
    const evidence = { history: sentAndAcknowledged(1), found: [reading(1), reading(1)], counts: counted(1) }
    expect(kinds(evidence)).toEqual(['repeated'])
  })

  it('a value that is not the one that was sent', () => {
    const evidence = { history: sentAndAcknowledged(1), found: [reading(1, 1.5)], counts: counted(1) }
    expect(kinds(evidence)).toEqual(['changed'])
  })

  it('a value that became another type', () => {
    const evidence = { history: sentAndAcknowledged(1), found: [reading(1, '1')], counts: counted(1) }
    expect(kinds(evidence)).toEqual(['changed'])
  })

  it('a reading that nobody sent', () => {
    const evidence = { history: sentAndAcknowledged(1), found: [reading(1), reading(2)], counts: counted(2) }
    expect(kinds(evidence)).toEqual(['invented'])
  })

  it.each([
    ['a sum that is short', counted(1, { accepted: 2 })],
    ['readings that stay pending', counted(1, { accepted: 2, pending: 1 })],
    ['dead letters that nobody has', counted(1, { accepted: 2, deadLetter: 1 })],
    ['fewer readings counted as stored than there are', counted(0)],
    ['more readings counted as stored than there are', counted(2)],
  ])('wrong accounting: %s', (_words, counts) => {
    expect(kinds({ history: sentAndAcknowledged(1), found: [reading(1)], counts })).toContain('accounting')
  })
})
