// What people may write for times, shares, rates and mixes.

import { expect, it } from 'vitest'
import { nearest, parseDuration, parseMix, parseRate, parseShare } from './quantities.ts'

it.each([
  ['500ms', 500],
  ['1s', 1_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['0', undefined],
  ['10', undefined],
  ['-1s', undefined],
  ['1 second', undefined],
])('reads the time %s as %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

it.each([
  ['10%', 0.1],
  ['0.5', 0.5],
  ['0%', 0],
  ['ten', undefined],
])('reads the share %s as %s', (text, share) => {
  expect(parseShare(text)).toBe(share)
})

it.each([
  ['100/s', 100],
  ['30/m', 0.5],
  ['20', 20],
  ['fast', undefined],
])('reads the rate %s as %s a second', (text, rate) => {
  expect(parseRate(text)).toBe(rate)
})

it('reads mixes with and without weights', () => {
  expect(parseMix('pump*3, meter')).toEqual([
    { name: 'pump', weight: 3 },
    { name: 'meter', weight: 1 },
  ])
  expect(parseMix('ws:80,mqtt:20')).toEqual([
    { name: 'ws', weight: 80 },
    { name: 'mqtt', weight: 20 },
  ])
})

it.each(['', 'pump,', 'pump*', 'pump*0', 'Pump', 'a b'])('does not read the mix "%s"', (text) => {
  expect(parseMix(text)).toBeUndefined()
})

it('guesses what someone may have meant, and does not guess wildly', () => {
  expect(nearest('themostat', ['pump', 'thermostat'])).toBe('thermostat')
  expect(nearest('tcp', ['ws', 'http', 'mqtt'])).toBeUndefined()
})
