// Shows which field each kind of parameter becomes.

import { expect, it } from 'vitest'
import { fieldsOf, isOneClick, leavesOf, spoken } from './schema-form.ts'

const only = (properties: NonNullable<Parameters<typeof fieldsOf>[0]>['properties']) =>
  fieldsOf({ type: 'object', properties })[0]

it('puts a slider where both ends are known', () => {
  expect(only({ rpm: { type: 'integer', minimum: 0, maximum: 3000 } })).toMatchObject({
    kind: 'number',
    integer: true,
    sliderStep: 10,
  })
  expect(only({ target: { type: 'number', minimum: 40, maximum: 95 } })).toMatchObject({ sliderStep: 0.1 })
  expect(only({ rpm: { type: 'integer', minimum: 0 } })).not.toHaveProperty('sliderStep')
})

it('shows few short options side by side and many in a list', () => {
  expect(only({ ramp: { type: 'string', enum: ['fast', 'slow'] } })).toMatchObject({ kind: 'choice', segmented: true })
  expect(only({ day: { type: 'string', enum: ['mo', 'tu', 'we', 'th', 'fr'] } })).toMatchObject({ segmented: false })
})

it('opens objects into groups with pointers of their own', () => {
  const schema = {
    type: 'object',
    properties: { 'a/b': { type: 'object', properties: { on: { type: 'boolean' } } } },
  } as const
  expect(leavesOf(fieldsOf(schema))).toMatchObject([{ kind: 'boolean', pointer: '/a~1b/on' }])
})

it('lists what is simple and takes the rest as JSON', () => {
  expect(only({ zones: { type: 'array', items: { type: 'integer' } } })).toMatchObject({
    kind: 'list',
    items: 'integer',
  })
  expect(only({ plan: { type: 'array', items: { type: 'object' } } })).toMatchObject({ kind: 'json', array: true })
  expect(only({ extra: { type: 'object' } })).toMatchObject({ kind: 'json', array: false })
})

it('marks what is required', () => {
  const schema = {
    type: 'object',
    required: ['rpm'],
    properties: { rpm: { type: 'number' }, note: { type: 'string' } },
  } as const
  expect(fieldsOf({ ...schema, required: [...schema.required] }).map(({ required }) => required)).toEqual([true, false])
})

it('speaks names as words', () => {
  expect(['set_speed', 'setTarget', 'reboot'].map(spoken)).toEqual(['Set speed', 'Set target', 'Reboot'])
})

it('sends a command without parameters with one click', () => {
  expect([
    isOneClick(undefined),
    isOneClick({ type: 'object' }),
    isOneClick({ type: 'object', properties: { a: { type: 'boolean' } } }),
  ]).toEqual([true, true, false])
})
