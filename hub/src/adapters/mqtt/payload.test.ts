// Every form of payload is understood, and what is wrong with the others is said by its code.

import { describe, expect, it } from 'vitest'
import { decodeProfile, decodeReadings, decodeReply, decodeStatus } from './payload.ts'

const bytes = (text: string) => Buffer.from(text)
const code = (decode: () => unknown) => {
  try {
    decode()
    return 'no error'
  } catch (error) {
    return (error as { code?: string }).code
  }
}

describe('telemetry', () => {
  it('comes with values, in an array, or bare', () => {
    expect(decodeReadings(bytes('{"at":5,"values":{"t":1}}'))).toEqual([{ at: 5, values: { t: 1 } }])
    expect(decodeReadings(bytes('[{"values":{"t":1}},{"t":2}]'))).toEqual([{ values: { t: 1 } }, { values: { t: 2 } }])
    expect(decodeReadings(bytes('{"temperature":21.5,"running":true}'))).toEqual([
      { values: { temperature: 21.5, running: true } },
    ])
    expect(decodeReadings(bytes('{"at":5,"temperature":21.5}'))).toEqual([{ at: 5, values: { temperature: 21.5 } }])
  })

  it('leaves entries that are no readings, and names that are none, for intake to refuse one by one', () => {
    expect(decodeReadings(bytes('[7,{"t":1}]'))).toEqual([7, { values: { t: 1 } }])
    const [reading] = decodeReadings(bytes('{"__proto__":{"x":1},"t":1}')) as [{ values: object }]
    expect(Object.keys(reading.values)).toEqual(['__proto__', 't'])
    expect(({} as { x?: unknown }).x).toBeUndefined()
  })

  it.each([
    ['{"t":NaN}', 'bad-json'],
    ['{"t":-Infinity}', 'bad-json'],
    ['', 'bad-json'],
    ['{"t":1}}', 'bad-json'],
    ['21.5', 'bad-message'],
    ['null', 'bad-message'],
    ['[[[[[[[[[1]]]]]]]]]', 'too-deep'],
    ['{"a":'.repeat(10_000), 'too-deep'],
    [`"${' '.repeat(70_000)}"`, 'too-large'],
  ])('refuses %j', (text, expected) => {
    expect(code(() => decodeReadings(bytes(text)))).toBe(expected)
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(code(() => decodeReadings(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])))).toBe('bad-json')
  })

  it('does not take brackets inside of texts for depth', () => {
    expect(decodeReadings(bytes('{"note":"[[[[[[[[[[\\"{{{{"}'))).toEqual([{ values: { note: '[[[[[[[[[["{{{{' } }])
  })
})

describe('profile and reply', () => {
  it('are decoded by the schemas of the protocol', () => {
    expect(decodeProfile(bytes('{"type":"pump","metrics":{"t":{"type":"number"}}}'))).toEqual({
      type: 'pump',
      metrics: { t: { type: 'number' } },
    })
    expect(decodeReply(bytes('{"state":"succeeded","result":{"rpm":5}}'), 'c1')).toEqual({
      id: 'c1',
      state: 'succeeded',
      result: { rpm: 5 },
    })
    expect(decodeReply(bytes('{"type":"reply","id":"c1","state":"running","progress":0.4}'), 'c1')).toEqual({
      id: 'c1',
      state: 'running',
      progress: 0.4,
    })
  })

  it('say where they do not fit', () => {
    expect(() => decodeProfile(bytes('{"reportEveryMs":"often"}'))).toThrow('/reportEveryMs')
    expect(code(() => decodeReply(bytes('{"state":"done"}'), 'c1'))).toBe('bad-message')
    expect(code(() => decodeReply(bytes('{"id":"c2","state":"failed"}'), 'c1'))).toBe('bad-message')
    expect(code(() => decodeReply(bytes('{"state":"succeeded","result":{"__proto__":{"x":1}}}'), 'c1'))).toBe(
      'bad-name',
    )
  })
})

it('understands a status with and without quotes, and a cleared one', () => {
  expect(['online', '"online"', 'offline', '"offline"', ''].map((text) => decodeStatus(bytes(text)))).toEqual([
    'online',
    'online',
    'offline',
    'offline',
    'offline',
  ])
  expect(code(() => decodeStatus(bytes('asleep')))).toBe('bad-message')
})
