// The life of commands at a device: every one gets exactly one end.

import type { DeviceCommand, Reply } from '@telehub/hub/protocol'
import { expect, it } from 'vitest'
import { createCommands } from './commands.ts'
import type { Machine } from './profiles/model.ts'
import { createRandom } from './signals/random.ts'
import { createWheel } from './wheel.ts'

function arrange({ take, failureRate = 0 }: { take: Machine['take']; failureRate?: number }) {
  const wheel = createWheel()
  const replies: Reply[] = []
  const commands = createCommands({
    delayMs: 100,
    failureRate,
    wheel,
    random: createRandom(1),
    take,
    refresh() {},
    reply: (reply) => replies.push(reply),
    began() {},
    ended() {},
  })
  return {
    commands,
    replies,
    states: () => replies.map(({ state }) => state),
    pass: (ms: number) => wheel.turn(wheel.now() + ms),
  }
}

const command = (id: string): DeviceCommand => ({ type: 'command', id, name: 'go', params: {}, expiresAt: 0 })
const atOnce: Machine['take'] = () => ({ progress: () => 1, result: () => ({ done: true }) })

it('says delivered, then running with its progress, then succeeded with its result', () => {
  let progress = 0
  const { commands, replies, pass } = arrange({ take: () => ({ progress: () => progress, result: () => 'here' }) })
  commands.hear(command('c1'))
  pass(100)
  progress = 0.504
  pass(250)
  progress = 1
  pass(250)

  expect(replies).toEqual([
    { id: 'c1', state: 'delivered' },
    { id: 'c1', state: 'running', progress: 0 },
    { id: 'c1', state: 'running', progress: 0.5 },
    { id: 'c1', state: 'succeeded', result: 'here' },
  ])
})

it('tells of a long command by tenths, not at every look', () => {
  let progress = 0
  const { commands, states, pass } = arrange({ take: () => ({ progress: () => progress, result: () => 0 }) })
  commands.hear(command('c1'))
  for (; progress < 1; progress += 0.005) pass(250)
  pass(500)

  expect(states().filter((state) => state === 'running').length).toBeLessThanOrEqual(11)
  expect(states().at(-1)).toBe('succeeded')
})

it('shows no progress of what is done at once', () => {
  const { commands, replies, pass } = arrange({ take: atOnce })
  commands.hear(command('c1'))
  pass(1_000)

  expect(replies[1]).toEqual({ id: 'c1', state: 'running' })
})

it('says rejected with the reason of the model', () => {
  const refused = { code: 'sealed', message: 'No.' }
  const { commands, replies, pass } = arrange({ take: () => ({ refused }) })
  commands.hear(command('c1'))
  pass(1_000)

  expect(replies.at(-1)).toEqual({ id: 'c1', state: 'rejected', error: refused })
})

it('says failed when the model meets a problem on the way', () => {
  const problem = { code: 'door-open', message: 'The door was opened.' }
  const { commands, replies, states, pass } = arrange({ take: () => ({ progress: () => problem, result: () => 0 }) })
  commands.hear(command('c1'))
  pass(1_000)

  expect(states()).toEqual(['delivered', 'running', 'failed'])
  expect(replies.at(-1)?.error).toEqual(problem)
})

it('answers a command that is delivered twice with the same answer, and does it once', () => {
  let taken = 0
  const { commands, replies, pass } = arrange({
    take: (name, params) => {
      taken += 1
      return atOnce(name, params)
    },
  })
  commands.hear(command('c1'))
  commands.hear(command('c1'))
  pass(1_000)
  commands.hear(command('c1'))

  expect(taken).toBe(1)
  expect(replies.at(1)).toEqual({ id: 'c1', state: 'delivered' })
  expect(replies.at(-1)).toEqual({ id: 'c1', state: 'succeeded', result: { done: true } })
})

it('does a few things at once and refuses more', () => {
  const { commands, replies, pass } = arrange({ take: () => ({ progress: () => 0, result: () => 0 }) })
  for (let index = 0; index < 9; index++) commands.hear(command(`c${index}`))
  pass(1_000)

  expect(replies.filter(({ state }) => state === 'rejected')).toEqual([
    { id: 'c8', state: 'rejected', error: { code: 'busy', message: expect.any(String) } },
  ])
})

it('fails as many commands as the run asks for', () => {
  const { commands, replies, pass } = arrange({ take: atOnce, failureRate: 0.5 })
  for (let index = 0; index < 200; index++) {
    commands.hear(command(`c${index}`))
    pass(1_000)
  }

  const failed = replies.filter(({ state, error }) => state === 'failed' && error?.code === 'simulated').length
  expect(failed).toBeGreaterThan(70)
  expect(failed).toBeLessThan(130)
})
