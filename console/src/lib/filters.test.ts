// Shows which devices a filter lets through, and in which order.

import { expect, it } from 'vitest'
import { aDevice } from '../../test/builders.ts'
import { isFiltering, matches, readFilters, sorted, typesOf } from './filters.ts'

const pump = aDevice({ id: 'pump-1', tags: ['hall-2'], profile: { type: 'pump', name: 'Cellar pump' } })

it('finds a device by words of its id, name, type or tags', () => {
  for (const q of ['PUMP-1', 'cellar', 'hall', 'hall pump', '  ']) expect(matches(pump, readFilters({ q }))).toBe(true)
  expect(matches(pump, readFilters({ q: 'hall valve' }))).toBe(false)
})

it('narrows by status and type', () => {
  expect(matches(pump, readFilters({ status: 'live', type: 'pump' }))).toBe(true)
  expect(matches(pump, readFilters({ status: 'offline' }))).toBe(false)
  expect(matches(pump, readFilters({ type: 'valve' }))).toBe(false)
})

it('ignores a status nobody has', () => {
  expect(isFiltering(readFilters({ status: 'tired' }))).toBe(false)
})

it('puts pump-2 before pump-10', () => {
  const ids = sorted(['pump-10', 'pump-2', 'Motor'].map((id) => aDevice({ id }))).map(({ id }) => id)
  expect(ids).toEqual(['Motor', 'pump-2', 'pump-10'])
})

it('offers each type once', () => {
  expect(typesOf([pump, pump, aDevice()])).toEqual(['pump'])
})
