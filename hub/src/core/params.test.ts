import { describe, expect, it } from 'vitest'
import type { ObjectSchema } from '../protocol/index.ts'
import { checkParams } from './params.ts'

const schema: ObjectSchema = {
  type: 'object',
  required: ['rpm'],
  properties: {
    rpm: { type: 'integer', minimum: 0, maximum: 3000 },
    mode: { type: 'string', enum: ['eco', 'boost'], default: 'eco' },
    label: { type: 'string', maxLength: 3 },
    hold: { type: 'boolean' },
    steps: { type: 'array', items: { type: 'number' }, maxItems: 2 },
    ramp: { type: 'object', required: ['ms'], properties: { ms: { type: 'number' } } },
  },
}
const pointersOf = (params: Record<string, unknown>) => {
  const result = checkParams(schema, params)
  return 'errors' in result ? result.errors.map(({ pointer }) => pointer) : []
}

describe('checkParams', () => {
  it('fills in defaults', () => {
    expect(checkParams(schema, { rpm: 100 })).toEqual({ params: { rpm: 100, mode: 'eco' } })
  })

  it.each([
    [{}, '/rpm'],
    [{ rpm: 4000 }, '/rpm'],
    [{ rpm: 1.5 }, '/rpm'],
    [{ rpm: Number.NaN }, '/rpm'],
    [{ rpm: '100' }, '/rpm'],
    [{ rpm: 1, mode: 'fast' }, '/mode'],
    [{ rpm: 1, label: 'long' }, '/label'],
    [{ rpm: 1, hold: 'yes' }, '/hold'],
    [{ rpm: 1, steps: [1, 2, 3] }, '/steps'],
    [{ rpm: 1, steps: [1, 'x'] }, '/steps/1'],
    [{ rpm: 1, ramp: {} }, '/ramp/ms'],
    [{ rpm: 1, 'a/b~c': 1 }, '/a~1b~0c'],
    [JSON.parse('{"rpm": 1, "__proto__": 1}'), '/__proto__'],
  ])('points at what is wrong in %j', (params, pointer) => {
    expect(pointersOf(params)).toEqual([pointer])
  })

  it('refuses any parameter for a command that names none', () => {
    expect(checkParams(undefined, { a: 1 })).toMatchObject({ errors: [{ pointer: '/a' }] })
  })
})
