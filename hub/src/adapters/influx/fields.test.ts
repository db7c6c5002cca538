// Checks that values of one type share a field, and that the field of a series stays the same.

import { expect, it } from 'vitest'
import { createFields, metricOf } from './fields.ts'

it('gives a metric its plain name', () => {
  const fields = createFields([])
  expect(fields.keyFor('state', 'number')).toBe('state')
  expect(fields.keyFor('state', 'number')).toBe('state')
  expect(fields.keysOf('state')).toEqual([{ key: 'state', type: 'number' }])
})

it('gives another type of the same metric a field of its own', () => {
  const fields = createFields([['state', 'float']])
  expect(fields.keyFor('state', 'string')).toBe('state:string')
  expect(fields.keyFor('state', 'number')).toBe('state')
  expect(fields.keysOf('state')).toEqual([
    { key: 'state', type: 'number' },
    { key: 'state:string', type: 'string' },
  ])
})

it('stays with the field that has the older readings, even if the plain name is free again', () => {
  const fields = createFields([['state:string', 'string']])
  expect(fields.keyFor('state', 'string')).toBe('state:string')
})

it('knows no field of a metric that nobody wrote', () => {
  expect(createFields([['state', 'float']]).keysOf('toString')).toEqual([])
})

it('finds the metric of a key', () => {
  expect(['state', 'state:string', 'a%3Ab:number'].map(metricOf)).toEqual(['state', 'state', 'a:b'])
})
