// Where a run is shown: a terminal gets a table in place, anything else plain lines.

import { expect, it } from 'vitest'
import type { RunState } from './report.ts'
import { startView } from './view.ts'
import { createWheel } from './wheel.ts'

const state: RunState = {
  elapsedMs: 0,
  size: 1,
  started: 1,
  online: 1,
  pending: 0,
  perSecond: 0,
  readings: { made: 0, acknowledged: 0, rejected: {}, refused: 0, dropped: 0 },
  messages: { sent: 0, sentAgain: 0, nacks: {} },
  ackMs: {},
  commands: { received: 0, succeeded: 0, rejected: 0, failed: 0 },
  links: { opened: 1, lost: 0, refused: 0 },
  skipped: 0,
}

function arrange({ isTTY, colors = false }: { isTTY: boolean; colors?: boolean }) {
  const wheel = createWheel()
  let text = ''
  const write = (chunk: unknown) => {
    text += chunk
    return true
  }
  const out = { isTTY, columns: 80, write }
  const end = startView({ out, colors, heading: 'telehub-sim', wheel, look: () => state })
  return { end, wheel, text: () => text }
}

it('writes a line every ten seconds where no one looks', () => {
  const { wheel, text, end } = arrange({ isTTY: false, colors: true })
  wheel.turn(25_000)
  end()
  wheel.turn(60_000)

  expect(text().split('\n')).toEqual(['telehub-sim', expect.stringMatching(/^t=/), expect.stringMatching(/^t=/), ''])
  expect(text()).not.toContain('\x1b')
})

it('keeps a table current on a terminal', () => {
  const { wheel, text } = arrange({ isTTY: true })
  wheel.turn(2_000)

  expect(text().match(/devices/g)).toHaveLength(3)
  expect(text().split('\x1b[6A')).toHaveLength(3)
})

it('has colours on a terminal only where they are wanted', () => {
  expect(arrange({ isTTY: true, colors: true }).text()).toContain('\x1b[1m')
  expect(arrange({ isTTY: true, colors: false }).text()).not.toContain('\x1b[1m')
})
