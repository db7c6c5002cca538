import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ConsoleMessage } from '../protocol/messages.ts'
import type { Command } from '../protocol/model.ts'
import { createCommands } from './commands.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setup() {
  const sent: Extract<ConsoleMessage, { type: 'command' }>[] = []
  const commands = createCommands((message) => void sent.push(message as (typeof sent)[number]))
  const command = (id: string, state: Command['state']) => ({ id, state }) as Command
  return { commands, sent, command }
}

describe('the commands of a client', () => {
  it('wait for the welcome, and go out once', () => {
    const { commands, sent } = setup()
    commands.request('pump-1', 'start', {}, {}).catch(() => {})
    expect(sent).toEqual([])
    commands.askAgain()
    expect(sent.map(({ name }) => name)).toEqual(['start'])
  })

  it('are asked for again under the same key after a break', () => {
    const { commands, sent } = setup()
    commands.askAgain()
    commands.request('pump-1', 'start', {}, {}).catch(() => {})
    commands.lost()
    commands.askAgain()
    expect([sent.length, sent[0]?.idempotencyKey === sent[1]?.idempotencyKey]).toEqual([2, true])
  })

  it('resolve with the end, and tell each step', async () => {
    const { commands, command } = setup()
    commands.askAgain()
    const steps: string[] = []
    const end = commands.request('pump-1', 'start', {}, { onChange: ({ state }) => void steps.push(state) })
    commands.changed('c1', command('x', 'sent'))
    commands.changed(undefined, command('x', 'running'))
    commands.changed(undefined, command('other', 'failed'))
    commands.changed(undefined, command('x', 'succeeded'))
    expect([(await end).state, steps]).toEqual(['succeeded', ['sent', 'running', 'succeeded']])
  })

  it('do not go out late', async () => {
    const { commands, sent } = setup()
    const late = expect(commands.request('pump-1', 'start', {}, { ttlMs: 1_000 })).rejects.toMatchObject({
      code: 'unreachable',
    })
    vi.advanceTimersByTime(2_000)
    commands.askAgain()
    await late
    expect(sent).toEqual([])
  })

  it('are not more at one time than a hub takes', () => {
    const { commands, sent, command } = setup()
    for (let i = 0; i < 100; i++) commands.request('pump-1', 'start', {}, {}).catch(() => {})
    commands.askAgain()
    expect(sent.length).toBe(32)
    commands.changed('c1', command('x', 'sent'))
    expect(sent.length).toBe(33)
  })

  it('are given up with the client', async () => {
    const { commands } = setup()
    const given = expect(commands.request('pump-1', 'start', {}, {})).rejects.toMatchObject({ code: 'closed' })
    commands.close()
    await given
  })
})
