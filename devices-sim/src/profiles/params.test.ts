// What a device accepts as parameters: the whole subset of schemas, told in words.

import { expect, it } from 'vitest'
import { wrongParams } from './params.ts'

const schema = {
  type: 'object' as const,
  required: ['mode'],
  properties: {
    mode: { type: 'string' as const, enum: ['heat', 'eco'] },
    label: { type: 'string' as const, maxLength: 3 },
    on: { type: 'boolean' as const },
    level: { type: 'number' as const, minimum: 0, maximum: 1 },
    steps: { type: 'array' as const, items: { type: 'integer' as const }, maxItems: 2 },
    window: { type: 'object' as const, required: ['from'], properties: { from: { type: 'integer' as const } } },
  },
}

it.each([
  [{ mode: 'heat', label: 'abc', on: true, level: 0.5, steps: [1, 2], window: { from: 1 }, other: 1 }, undefined],
  [{}, 'mode is missing.'],
  [{ mode: 'warm' }, 'mode must be one of heat, eco.'],
  [{ mode: 'heat', label: 'abcd' }, 'label must have at most 3 characters.'],
  [{ mode: 'heat', on: 'yes' }, 'on must be true or false.'],
  [{ mode: 'heat', level: 1.5 }, 'level must be at most 1.'],
  [{ mode: 'heat', level: Number.NaN }, 'level must be a number.'],
  [{ mode: 'heat', steps: 1 }, 'steps must be a list.'],
  [{ mode: 'heat', steps: [1, 2, 3] }, 'steps must have at most 2 items.'],
  [{ mode: 'heat', steps: [1.5] }, 'steps[0] must be a whole number.'],
  [{ mode: 'heat', window: {} }, 'window.from is missing.'],
  [{ mode: 'heat', window: [] }, 'window must be an object.'],
])('says of %j: %s', (params, words) => {
  expect(wrongParams(schema, params)).toBe(words)
})

it('accepts anything where there is no schema', () => {
  expect(wrongParams(undefined, { any: 'thing' })).toBeUndefined()
})
