// What a run looks like: on a terminal, in a log, at its end.

import picocolors from 'picocolors'
import { describe, expect, it } from 'vitest'
import { plainLine, type RunState, summaryJson, summaryText, table } from './report.ts'

const calm: RunState = {
  elapsedMs: 83_000,
  size: 20,
  started: 20,
  online: 20,
  pending: 12,
  perSecond: 120.4,
  readings: { made: 9_972, acknowledged: 9_960, rejected: {}, refused: 0, dropped: 0 },
  messages: { sent: 1_660, sentAgain: 0, nacks: {} },
  ackMs: { p50: 2.34, p99: 11.8, max: 40.2 },
  commands: { received: 4, succeeded: 3, rejected: 1, failed: 0 },
  links: { opened: 20, lost: 0, refused: 0 },
  skipped: 0,
}
const stormy: RunState = {
  ...calm,
  online: 3,
  trouble: 'pump-0004: connect ECONNREFUSED 127.0.0.1:8080, and some more words than a line of a terminal has room for',
  readings: {
    made: 20_000,
    acknowledged: 9_000,
    rejected: { 'type-conflict': 7, 'at-too-old': 12 },
    refused: 6,
    dropped: 500,
  },
  messages: { sent: 4_000, sentAgain: 321, nacks: { overloaded: 44 } },
  links: { opened: 60, lost: 57, refused: 0 },
}
const plain = picocolors.createColors(false)
const heading = 'telehub-sim · 20 devices · ws → 127.0.0.1:8080 · seed 7'

describe('the table', () => {
  it('says in a few lines how a run is doing', () => {
    expect(table(calm, { heading, width: 79, colors: plain })).toEqual([
      'telehub-sim · 20 devices · ws → 127.0.0.1:8080 · seed 7 · 01:23',
      'devices   20 of 20 online',
      'readings  9,960 acknowledged · 120/s · 12 waiting',
      '          0 rejected · 0 dropped',
      'ack       p50 2.3 ms · p99 12 ms · 0 nacks',
      'commands  3 succeeded · 1 rejected · 0 failed · 4 in all',
    ])
  })

  it('names the trouble while there is some', () => {
    const lines = table(stormy, { heading, width: 140, colors: plain })

    expect(lines).toContain('devices   3 of 20 online · 57 links lost')
    expect(lines).toContain('          25 rejected · 500 dropped (at-too-old 12, type-conflict 7)')
    expect(lines.at(-1)).toMatch(/^trouble {3}pump-0004: connect ECONNREFUSED/)
  })

  it.each([40, 79, 139])('has no line longer than %i columns', (width) => {
    const lengths = table(stormy, { heading, width, colors: plain }).map((line) => line.length)

    expect(Math.max(...lengths)).toBeLessThanOrEqual(width)
  })
})

describe('a plain line', () => {
  it('has the same keys every time', () => {
    expect(plainLine(calm)).toBe(
      't=01:23 online=20/20 acknowledged=9960 perSecond=120 waiting=12 rejected=0 dropped=0 p50=2.3ms p99=12ms nacks=0 commands=4',
    )
    expect(plainLine(stormy)).toContain(' trouble="pump-0004: connect ECONNREFUSED')
  })
})

describe('the summary', () => {
  it('is short when all went well', () => {
    expect(summaryText({ ...calm, pending: 0 })).toBe(
      [
        '20 devices for 01:23: 9,972 readings made, 9,960 acknowledged.',
        'Acknowledged within 2.3 ms (half) and 12 ms (99 %), 40 ms at most.',
        'Commands: 4 received, 3 succeeded, 1 rejected, 0 failed.',
      ].join('\n'),
    )
  })

  it('tells what was lost, and why', () => {
    const text = summaryText(stormy)

    expect(text).toContain('19 rejected (at-too-old 12, type-conflict 7), 6 refused with their message, 500 dropped')
    expect(text).toContain(
      '44 messages were not taken at once (overloaded 44), 321 messages were sent again, 57 links were lost.',
    )
    expect(text).toContain('Last trouble: pump-0004: connect ECONNREFUSED')
  })

  it('has the counts for programs', () => {
    expect(JSON.parse(summaryJson(calm, { seed: 7, ended: 'duration' }))).toMatchObject({
      seed: 7,
      ended: 'duration',
      elapsedMs: 83_000,
      devices: { planned: 20, started: 20 },
      readings: { made: 9_972, acknowledged: 9_960, pending: 12 },
      ackMs: { p50: 2.3, p99: 11.8, max: 40.2 },
    })
  })
})
