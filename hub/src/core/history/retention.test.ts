// Retention: step by step, never by a clock that has just jumped, never in the way of anything.

import { expect, it, vi } from 'vitest'
import { createFakeClock } from '../../../test/fake-clock.ts'
import { silentLog } from '../../../test/memory-parts.ts'
import { StoreError } from '../errors.ts'
import type { Kept } from '../ports.ts'
import { createRetention } from './retention.ts'

const dayMs = 86_400_000

function createStand(answers: (boolean | Error)[]) {
  const clock = createFakeClock()
  let jumpedMs = 0
  const expire = vi.fn(async (_before: Pick<Kept, 'raw' | 'minute'>) => {
    const answer = answers.shift() ?? false
    if (answer instanceof Error) throw answer
    return answer
  })
  const warnings: string[] = []
  const retention = createRetention({
    store: { backend: 'memory', expire },
    rawMs: 30 * dayMs,
    clock: { ...clock, now: () => clock.now() + jumpedMs },
    log: { ...silentLog, warn: (event) => void warnings.push(event) },
  })
  return { clock, expire, retention, warnings, jump: (ms: number) => (jumpedMs += ms) }
}

it('asks for one step after the other as long as more is left', async () => {
  const { clock, expire, retention } = createStand([true, true, false])
  await clock.advance(660_000)
  expect(expire).toHaveBeenCalledTimes(3)
  const [{ raw, minute } = { raw: 0, minute: 0 }] = expire.mock.calls[0] ?? []
  expect([clock.now() - raw > 30 * dayMs, clock.now() - raw < 32 * dayMs]).toEqual([true, true])
  expect(clock.now() - minute).toBeGreaterThan(365 * dayMs)
  await retention.close()
})

it('removes nothing for a day after the clock has jumped', async () => {
  const { clock, expire, retention, jump, warnings } = createStand([])
  jump(400 * dayMs)
  await clock.advance(dayMs - 1_000)
  expect(expire).not.toHaveBeenCalled()
  expect(warnings).toEqual(['clock jumped; nothing is removed for a day'])
  await clock.advance(dayMs / 2)
  expect(expire).toHaveBeenCalled()
  await retention.close()
})

it('says once that it waits for the store, and goes on', async () => {
  const away = new StoreError('unavailable', 'away')
  const { clock, expire, retention, warnings } = createStand([away, away, false])
  await clock.advance(1_800_000)
  expect(expire).toHaveBeenCalledTimes(3)
  expect(warnings).toEqual(['retention waits for the store'])
  await retention.close()
})

it('ends in the middle when the hub closes', async () => {
  const { clock, expire, retention } = createStand(Array.from({ length: 100 }, () => true))
  await clock.advance(600_500)
  await retention.close()
  const steps = expire.mock.calls.length
  await clock.advance(600_000)
  expect(expire).toHaveBeenCalledTimes(steps)
})
