// Checks that no name and no value can break out of its line.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Batch } from '../../core/ports.ts'
import { decodeName, encodeMetric, encodeName, toLines } from './line-protocol.ts'

const plainKeys = (metric: string) => encodeMetric(metric)

function batch(overrides: Partial<Batch>): Batch {
  return {
    device: 'pump-1',
    receivedAt: 0,
    at: [1_700_000_000_123],
    metrics: ['t'],
    columns: [[1]],
    count: 1,
    ...overrides,
  }
}

describe('a line', () => {
  it('has all metrics of a device at one time', () => {
    const metrics = ['temperature', 'running', 'state']
    const columns = [
      [21.5, 3],
      [true, null],
      ['on', null],
    ]
    const lines = toLines([batch({ at: [1_000, 2_000], metrics, columns })], plainKeys)
    expect(lines).toBe(
      'telemetry,device=pump-1 temperature=21.5,running=true,state="on" 1000\ntelemetry,device=pump-1 temperature=3 2000',
    )
  })

  it('is not written for a time without values', () => {
    expect(toLines([batch({ columns: [[null]] })], plainKeys)).toBe('')
  })

  it('never counts: every number is a float', () => {
    const columns = [[-0], [5e-324], [1.7976931348623157e308], [1e21], [9_007_199_254_740_991]]
    const lines = toLines([batch({ metrics: ['a', 'b', 'c', 'd', 'e'], columns })], plainKeys)
    expect(lines).toBe(
      'telemetry,device=pump-1 a=0,b=5e-324,c=1.7976931348623157e+308,d=1e+21,e=9007199254740991 1700000000123',
    )
  })

  it('escapes quotes and backslashes of a text and nothing else', () => {
    const columns = [['a"\nevil v=1 \\']]
    expect(toLines([batch({ columns })], plainKeys)).toBe(
      'telemetry,device=pump-1 t="a\\"\nevil v=1 \\\\" 1700000000123',
    )
  })

  it('is refused for a number that is not finite', () => {
    expect(() => toLines([batch({ columns: [[Number.NaN]] })], plainKeys)).toThrow('not finite')
  })
})

describe('a name', () => {
  it('stays as it is when it is an ordinary id', () => {
    expect(encodeName('Pump-1_a.b:c')).toBe('Pump-1_a.b:c')
    expect(encodeName('größe')).toBe('größe')
  })

  it('leaves its colons to the type when it is a metric', () => {
    expect(encodeMetric('a:b')).toBe('a%3Ab')
    expect(decodeName('a%3Ab')).toBe('a:b')
  })

  it('is the same after the way there and back, and has nothing special in between', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        expect(encodeName(name)).not.toMatch(/[\\,= "'\n\r]/)
        expect(decodeName(encodeName(name))).toBe(name)
        expect(decodeName(encodeMetric(name))).toBe(name)
      }),
    )
  })
})
