// Shows which parameters a filled form gives, and where complaints about it are put.

import type { ObjectSchema } from '@telehub/hub/protocol'
import { expect, it } from 'vitest'
import { emptyDraft, placeComplaints, readDraft } from './draft.ts'
import { fieldsOf } from './schema-form.ts'

const schema: ObjectSchema = {
  type: 'object',
  required: ['rpm', 'hold'],
  properties: {
    rpm: { type: 'integer', minimum: 0, maximum: 3000 },
    hold: { type: 'boolean' },
    mode: { type: 'string', enum: ['fast', 'slow'], default: 'slow' },
    zones: { type: 'array', items: { type: 'integer' }, maxItems: 2 },
    ramp: { type: 'object', required: ['seconds'], properties: { seconds: { type: 'number' } } },
    plan: { type: 'array', items: { type: 'object' } },
  },
}
const fields = fieldsOf(schema)
const filled = (part: ReturnType<typeof emptyDraft>) =>
  readDraft(fields, { ...emptyDraft(fields), '/rpm': '1200', ...part })

it('sends defaults and what was filled in, and leaves out the rest', () => {
  expect(filled({})).toEqual({ params: { rpm: 1200, hold: false, mode: 'slow' }, complaints: {} })
})

it('reads numbers, lists, groups and JSON as what they are', () => {
  const { params } = filled({ '/zones': ['1', '2'], '/ramp/seconds': '2,5', '/plan': '[{"at":1}]' })
  expect(params).toMatchObject({ zones: [1, 2], ramp: { seconds: 2.5 }, plan: [{ at: 1 }] })
})

it('complains beside the field', () => {
  const cases: [ReturnType<typeof emptyDraft>, string][] = [
    [{ '/rpm': '' }, 'Required.'],
    [{ '/rpm': 'fast' }, 'Write a number.'],
    [{ '/rpm': '1.5' }, 'Write a whole number.'],
    [{ '/rpm': '3001' }, 'At most 3,000.'],
    [{ '/zones': ['1', 'x'] }, '“x” is not a whole number.'],
    [{ '/zones': ['1', '2', '3'] }, 'At most 2 entries.'],
    [{ '/plan': '[' }, 'This is not JSON yet.'],
    [{ '/plan': '{}' }, 'Write a JSON list: [ … ].'],
  ]
  for (const [draft, text] of cases) expect(Object.values(filled(draft).complaints)).toEqual([text])
})

it('asks for what a group requires once the group is used, or must be', () => {
  const inner = fieldsOf({
    type: 'object',
    required: ['ramp'],
    properties: { ramp: schema.properties?.ramp as ObjectSchema },
  })
  expect(readDraft(inner, {}).complaints).toEqual({ '/ramp/seconds': 'Required.' })
  expect(readDraft(fields, {}).complaints).not.toHaveProperty('/ramp/seconds')
})

it('puts what the hub found beside the fields it means', () => {
  expect(
    placeComplaints(fields, [
      { pointer: '/rpm', detail: 'too fast' },
      { pointer: '/params/ramp/seconds', detail: 'too long' },
      { pointer: '/zones/1', detail: 'no such zone' },
      { pointer: '/colour', detail: 'unknown' },
    ]),
  ).toEqual({
    complaints: { '/rpm': 'too fast', '/ramp/seconds': 'too long', '/zones': 'no such zone' },
    elsewhere: ['/colour: unknown'],
  })
})
