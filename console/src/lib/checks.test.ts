// Shows what the connect page makes of the checks.

import type { HubChecks } from '@telehub/hub/client'
import { expect, it } from 'vitest'
import { checkFigure, checksPassed, checksReport, checkUnderWay, originFixes } from './checks.ts'

const passed: HubChecks = {
  reachable: { state: 'ok', detail: 'answers', ms: 2.6 },
  origin: { state: 'ok', detail: 'allowed', origin: 'http://console.test' },
  socket: { state: 'ok', detail: 'open', protocol: 'telehub.v1.json' },
  signedIn: { state: 'ok', detail: 'operator' },
}

it('passes when all four do', () => {
  expect(checksPassed(passed)).toBe(true)
  expect(checksPassed({ ...passed, signedIn: { state: 'skipped', detail: '' } })).toBe(false)
})

it('knows which one is under way', () => {
  expect(checkUnderWay({ reachable: passed.reachable })).toBe('origin')
  expect(checkUnderWay({ ...passed, socket: { state: 'skipped', detail: '' } })).toBe('socket')
  expect(checkUnderWay({ ...passed, origin: { state: 'failed', detail: 'no' } })).toBeUndefined()
  expect(checkUnderWay(passed)).toBeUndefined()
})

it('shows a figure beside what passed', () => {
  expect([checkFigure('reachable', passed), checkFigure('origin', passed), checkFigure('socket', passed)]).toEqual([
    '3 ms',
    'http://console.test',
    'telehub.v1.json',
  ])
})

it('reports all four, tried or not', () => {
  expect(
    checksReport('http://hub.test', 'http://console.test', { reachable: passed.reachable }).split('\n').slice(3),
  ).toEqual([
    'ok         Hub reachable: answers',
    'not tried  This site is allowed: ',
    'not tried  Signed in: ',
    'not tried  Live connection: ',
  ])
})

it('gives both ways to allow a site', () => {
  expect(originFixes('http://console.test')).toEqual({
    command: 'telehub origins add http://console.test',
    variable: 'TELEHUB_ORIGINS=http://console.test',
  })
})
