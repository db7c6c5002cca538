// Shows what people read about a command.

import { expect, it } from 'vitest'
import { aCommand } from '../../test/builders.ts'
import { commandTitle, outcomeOf, paramsLine, stepsOf, timeLeft, tookMs, withCommand } from './command-state.ts'

it('says how long it took once it ended', () => {
  const changes = [
    { state: 'queued' as const, at: 1_000 },
    { state: 'succeeded' as const, at: 1_210 },
  ]
  expect(tookMs(aCommand({ state: 'succeeded', changes }))).toBe(210)
  expect(tookMs(aCommand())).toBeUndefined()
})

it('counts down to the deadline that applies', () => {
  expect(timeLeft(aCommand({ state: 'queued' }), 4_000)).toBe('27 s left')
  expect(timeLeft(aCommand({ state: 'sent', deadlineAt: 11_000 }), 4_000)).toBe('7 s left')
  expect(timeLeft(aCommand({ state: 'sent', deadlineAt: 11_000 }), 12_000)).toBe('time is up')
  expect(timeLeft(aCommand({ state: 'failed' }), 4_000)).toBeUndefined()
})

it('reads parameters on one line', () => {
  expect(paramsLine({ rpm: 1200, hold: true, plan: [1] })).toBe('rpm 1200 · hold on · plan [1]')
})

it('shows results and errors as text, whatever they are', () => {
  expect(outcomeOf(aCommand({ error: { code: 'jam', message: 'valve is stuck' } }))).toBe('valve is stuck')
  expect(outcomeOf(aCommand({ result: { html: '<b>' } }))).toBe('html <b>')
  expect(outcomeOf(aCommand({ result: [1] }))).toBe('[1]')
  expect(outcomeOf(aCommand())).toBeUndefined()
})

it('keeps each command once, newest first, within its limit', () => {
  const old = aCommand({ id: 'a', at: 1 })
  const list = withCommand(withCommand([old], aCommand({ id: 'b', at: 2 }), 2), { ...old, state: 'sent' }, 2)
  expect(list.map(({ id, state }) => `${id} ${state}`)).toEqual(['b queued', 'a sent'])
  expect(withCommand(list, aCommand({ id: 'c', at: 3 }), 2).map(({ id }) => id)).toEqual(['c', 'b'])
})

it('calls a command by its title or by its name in words', () => {
  expect([commandTitle('set_speed', { title: 'Speed' }), commandTitle('set_speed')]).toEqual(['Speed', 'Set speed'])
})

it('tells progress within one state as one step', () => {
  const changes = [
    { state: 'queued' as const, at: 1_000, by: { key: 'k', name: 'Ann', kind: 'operator' as const } },
    { state: 'running' as const, at: 1_100, progress: 0.1 },
    { state: 'running' as const, at: 1_400, progress: 0.9 },
    { state: 'succeeded' as const, at: 1_500 },
  ]
  expect(stepsOf(aCommand({ changes }))).toEqual([
    { state: 'queued', afterMs: 0, by: 'Ann', progress: undefined },
    { state: 'running', afterMs: 100, by: undefined, progress: 0.9 },
    { state: 'succeeded', afterMs: 500, by: undefined, progress: undefined },
  ])
})
