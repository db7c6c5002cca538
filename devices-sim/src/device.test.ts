// A device on a machine that cannot keep up.

import { expect, it } from 'vitest'
import { startDevice } from './device.ts'
import type { Message } from './links/carrier.ts'
import type { Link } from './links/link.ts'
import { pump } from './profiles/pump.ts'
import { createRandom } from './signals/random.ts'
import { createTally } from './tally.ts'
import { createWheel } from './wheel.ts'

it('makes up for a short delay but leaves out what a long one took', () => {
  const wheel = createWheel()
  const tally = createTally()
  const sent: Message[] = []
  const link: Link = {
    send: (message) => sent.push(message),
    pending: () => 0,
    reply() {},
    introduce() {},
    async close() {},
  }
  let present = 0
  startDevice({
    identity: { device: 'pump-0001', stream: 's', profile: {} },
    kind: pump,
    rhythm: { everyMs: 1_000, jitter: 0, batch: 1 },
    commands: { delayMs: 0, failureRate: 0 },
    random: createRandom(1),
    wheel,
    calendar: { at: (elapsed) => Math.round(elapsed) },
    present: () => present,
    open: () => link,
    events: tally.of('pump-0001'),
  })
  const turn = (to: number) => {
    present = to
    wheel.turn(to)
  }

  turn(5_000)
  const before = sent.length
  turn(10_000)
  expect(sent).toHaveLength(before + 5)

  turn(3_600_000)

  expect(tally.counts().skipped).toBeGreaterThan(3_500)
  expect(sent.length).toBeLessThan(before + 20)
})
