// Shows that every kind of parameter has a control that changes the draft.

import type { ParamSchema } from '@telehub/hub/protocol'
import { mount } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { reactive } from 'vue'
import type { Draft } from '../lib/draft.ts'
import { fieldsOf } from '../lib/schema-form.ts'
import ParamField from './ParamField.vue'

function field(schema: ParamSchema, draft: Draft = reactive({})) {
  const [made] = fieldsOf({ type: 'object', required: ['it'], properties: { it: schema } })
  const wrapper = mount(ParamField, {
    props: { field: made!, draft, complaints: {}, prefix: 'p-' },
    attachTo: document.body,
  })
  return { wrapper, draft }
}

it('types and drags a number between two ends', async () => {
  const { wrapper, draft } = field({ type: 'integer', minimum: 0, maximum: 100, unit: '%' })
  await wrapper.get('input[type=text]').setValue('40')
  expect(draft['/it']).toBe('40')
  await wrapper.get('input[type=range]').setValue('70')
  expect(draft['/it']).toBe('70')
})

it('switches a boolean', async () => {
  const { wrapper, draft } = field({ type: 'boolean' })
  await wrapper.get('[role=switch]').trigger('click')
  expect(draft['/it']).toBe(true)
})

it('chooses among few side by side and among many in a list', async () => {
  const few = field({ type: 'string', enum: ['fast', 'slow'] })
  await few.wrapper.findAll('[role=radio]')[1]?.trigger('click')
  expect(few.draft['/it']).toBe('slow')
  const many = field({ type: 'string', enum: ['a', 'b', 'c', 'd', 'e'] })
  await many.wrapper.get('select').setValue('d')
  expect(many.draft['/it']).toBe('d')
})

it('collects a list entry by entry', async () => {
  const { wrapper, draft } = field({ type: 'array', items: { type: 'integer' } })
  for (const entry of ['1', '2']) {
    await wrapper.get('input').setValue(entry)
    await wrapper.get('input').trigger('keydown', { key: 'Enter' })
  }
  expect(draft['/it']).toEqual(['1', '2'])
  await wrapper.get('[aria-label="Remove 1"]').trigger('click')
  expect(draft['/it']).toEqual(['2'])
})

it('takes the rest as JSON and says whether it is JSON yet', async () => {
  const { wrapper, draft } = field({ type: 'object' })
  await wrapper.get('textarea').setValue('{"a"')
  expect([draft['/it'], wrapper.text().includes('not JSON yet')]).toEqual(['{"a"', true])
})

it('sets a group in a frame of its own', () => {
  const { wrapper } = field({ type: 'object', title: 'Ramp', properties: { seconds: { type: 'number' } } })
  expect(wrapper.get('legend').text()).toBe('Ramp (required)')
  expect(wrapper.find('#p-\\/it\\/seconds').exists()).toBe(true)
})

it('counts the characters of a limited text', async () => {
  const { wrapper } = field({ type: 'string', maxLength: 12 })
  await wrapper.get('input').setValue('hello')
  expect(wrapper.text()).toContain('5 / 12')
})
