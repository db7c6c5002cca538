import { describe, expect, it } from 'vitest'
import { type CheckContext, check } from './readings.ts'

const now = 1_700_000_000_000
const context = (more: Partial<CheckContext> = {}): CheckContext => ({
  device: 'pump-1',
  types: new Map(),
  receivedAt: now,
  oldestAt: now - 30 * 86_400_000,
  ...more,
})
const codesOf = (values: Record<string, unknown>, at?: unknown) =>
  check([{ at, values }], context()).rejected.map(({ code }) => code)

describe('check', () => {
  it('makes columns as long as there are times, with null where a metric has no value', () => {
    const { batch } = check(
      [{ at: now - 2, values: { a: 1 } }, { at: now - 1, values: { b: true } }, { values: { a: 2, c: 'x' } }],
      context(),
    )
    expect(batch).toMatchObject({
      at: [now - 2, now - 1, now],
      metrics: ['a', 'b', 'c'],
      columns: [
        [1, null, 2],
        [null, true, null],
        [null, null, 'x'],
      ],
      count: 4,
    })
  })

  it('lets a bad value harm only itself', () => {
    const { batch, rejected } = check([{ values: { good: 1, bad: null } }], context())
    expect([batch.count, rejected.map(({ index, metric, code }) => ({ index, metric, code }))]).toEqual([
      1,
      [{ index: 0, metric: 'bad', code: 'value-type' }],
    ])
  })

  it.each([
    ['Infinity from 1e999', { a: JSON.parse('1e999') }, 'value-not-finite'],
    ['NaN', { a: Number.NaN }, 'value-not-finite'],
    ['a nested object', { a: {} }, 'value-type'],
    ['half a surrogate pair', { a: '\ud800' }, 'value-type'],
    ['__proto__', JSON.parse('{"__proto__": 1}'), 'bad-name'],
    ['constructor', { constructor: 1 }, 'bad-name'],
    ['a name with a space', { 'a b': 1 }, 'bad-name'],
    ['a name of 65 letters', { ['a'.repeat(65)]: 1 }, 'bad-name'],
    ['time', { time: 1 }, 'reserved-name'],
    ['_field', { _field: 1 }, 'reserved-name'],
  ])('refuses %s', (_, values, code) => {
    expect(codesOf(values)).toEqual([code])
  })

  it.each([
    ['older than the retention', now - 31 * 86_400_000, 'at-too-old'],
    ['zero', 0, 'at-too-old'],
    ['negative', -1, 'at-too-old'],
    ['an hour ahead', now + 3_600_000, 'at-in-future'],
    ['beyond what a date can hold', 1e21, 'at-range'],
    ['a text', '2026-01-01', 'at-range'],
  ])('refuses a time that is %s', (_, at, code) => {
    expect(codesOf({ a: 1 }, at)).toEqual([code])
  })

  it('says that a time in seconds should be in milliseconds', () => {
    expect(check([{ at: now / 1000, values: { a: 1 } }], context()).rejected[0]?.detail).toMatch(/looks like seconds/)
  })

  it('keeps the extremes of a double, and -0 as 0', () => {
    const { batch } = check([{ values: { a: 5e-324, b: 1.7976931348623157e308, c: -0 } }], context())
    expect(batch.columns.map(([value]) => value)).toEqual([5e-324, 1.7976931348623157e308, 0])
  })

  it('refuses a value of another type than the first one, and keeps the rest of the message', () => {
    const types = new Map([['a', 'number' as const]])
    const { batch, rejected } = check([{ values: { a: 'warm', b: 1 } }], context({ types }))
    expect([batch.metrics, rejected[0]?.code]).toEqual([['b'], 'type-conflict'])
  })

  it('refuses "false" where a boolean belongs', () => {
    const types = new Map([['running', 'boolean' as const]])
    expect(check([{ values: { running: 'false' } }], context({ types })).rejected[0]?.code).toBe('value-type')
  })

  it('stops new metrics at the quota of a device', () => {
    const values = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`m${i}`, i]))
    const { batch, rejected } = check([{ values }], context())
    expect([batch.count, rejected.length, rejected[0]?.code]).toEqual([256, 44, 'cardinality-limit'])
  })

  it.each([
    ['no readings', [], 'empty-batch'],
    ['1,001 entries', Array.from({ length: 1_001 }, () => ({ values: { a: 1 } })), 'too-many-readings'],
    ['600 entries of two values', Array.from({ length: 600 }, () => ({ values: { a: 1, b: 2 } })), 'too-many-readings'],
  ])('refuses a message with %s', (_, readings, code) => {
    expect(() => check(readings, context())).toThrow(expect.objectContaining({ code }))
  })

  it('does not use up the quota with a message that is refused as a whole', () => {
    const types = new Map()
    const wide = Array.from({ length: 10 }, (_, i) =>
      Object.fromEntries(Array.from({ length: 150 }, (_, j) => [`m${i * 150 + j}`, j])),
    )
    expect(() =>
      check(
        wide.map((values) => ({ values })),
        context({ types }),
      ),
    ).toThrow()
    expect(types.size).toBe(0)
  })

  it('leaves the prototype of objects alone', () => {
    check([{ values: JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') }], context())
    expect(({} as { x?: number }).x).toBeUndefined()
  })
})
