// What has been filled into a command form, and the parameters or the complaints that follow from it.

import type { Params } from '@telehub/hub/protocol'
import { formatNumber } from './format.ts'
import { type Field, leavesOf } from './schema-form.ts'

/** By pointer. Numbers and JSON are kept as typed, so that half a number is not lost. `undefined`: not filled in. */
export type Draft = Record<string, string | boolean | string[] | undefined>
/** By pointer, in words. */
export type Complaints = Record<string, string>

/** Defaults filled in; a switch that must be answered starts as off. */
export function emptyDraft(fields: readonly Field[]): Draft {
  const draft: Draft = {}
  for (const field of leavesOf(fields)) draft[field.pointer] = initialOf(field)
  return draft
}

/** Parameters of a draft. With complaints they are not to be sent. What is optional and empty is left out. */
export function readDraft(fields: readonly Field[], draft: Draft): { params: Params; complaints: Complaints } {
  const complaints: Complaints = {}
  const params: Params = {}
  for (const field of fields) {
    const value =
      field.kind === 'group' ? readGroup(field, draft, complaints) : readLeaf(field, draft[field.pointer], complaints)
    if (value !== undefined) params[field.name] = value
  }
  return { params, complaints }
}

/**
 * The hub's complaints put beside the fields they are about. A pointer may start at the parameters or at the body
 * (`/params/rpm`), and may point inside a value that has one field.
 */
export function placeComplaints(
  fields: readonly Field[],
  errors: readonly { pointer: string; detail: string }[],
): { complaints: Complaints; elsewhere: string[] } {
  const pointers = leavesOf(fields).map(({ pointer }) => pointer)
  const complaints: Complaints = {}
  const elsewhere: string[] = []
  for (const { pointer, detail } of errors) {
    const place = [pointer, pointer.replace(/^\/params(?=\/)/, '')]
      .flatMap((said) => pointers.filter((own) => said === own || said.startsWith(`${own}/`)))
      .at(0)
    if (place === undefined) elsewhere.push(pointer ? `${pointer}: ${detail}` : detail)
    else complaints[place] ??= detail
  }
  return { complaints, elsewhere }
}

type Leaf = ReturnType<typeof leavesOf>[number]
type Group = Extract<Field, { kind: 'group' }>

function initialOf(field: Leaf): Draft[string] {
  if (field.kind === 'boolean') return field.initial ?? (field.required ? false : undefined)
  if (field.initial === undefined) return undefined
  if (field.kind === 'list') return (field.initial as unknown[]).map(String)
  return field.kind === 'json' ? JSON.stringify(field.initial, null, 2) : String(field.initial)
}

function readGroup(group: Group, draft: Draft, complaints: Complaints): Params | undefined {
  const touched = leavesOf(group.fields).some(({ pointer }) => !isEmpty(draft[pointer]))
  // An optional group nobody touched is left out whole, whatever is required inside it.
  if (!touched && !group.required) return undefined
  const inner = readDraft(group.fields, draft)
  Object.assign(complaints, inner.complaints)
  return inner.params
}

function readLeaf(field: Leaf, entry: Draft[string], complaints: Complaints): unknown {
  if (isEmpty(entry)) {
    if (field.required) complaints[field.pointer] = 'Required.'
    return undefined
  }
  const complain = (text: string) => {
    complaints[field.pointer] = text
    return undefined
  }
  switch (field.kind) {
    case 'number':
      return readNumber(field, String(entry), complain)
    case 'text':
      if (field.maxLength !== undefined && String(entry).length > field.maxLength)
        return complain(`At most ${field.maxLength} characters.`)
      return entry
    case 'list':
      return readList(field, entry as string[], complain)
    case 'json':
      return readJson(field, String(entry), complain)
    case 'boolean':
    case 'choice':
      return entry
  }
}

type Complain = (text: string) => undefined

function readNumber(field: Extract<Leaf, { kind: 'number' }>, text: string, complain: Complain): number | undefined {
  const value = Number(text.replace(',', '.'))
  if (!Number.isFinite(value)) return complain('Write a number.')
  if (field.integer && !Number.isInteger(value)) return complain('Write a whole number.')
  if (field.min !== undefined && value < field.min) return complain(`At least ${formatNumber(field.min)}.`)
  if (field.max !== undefined && value > field.max) return complain(`At most ${formatNumber(field.max)}.`)
  return value
}

function readList(
  field: Extract<Leaf, { kind: 'list' }>,
  entries: string[],
  complain: Complain,
): unknown[] | undefined {
  if (field.maxItems !== undefined && entries.length > field.maxItems)
    return complain(`At most ${field.maxItems} entries.`)
  if (field.items === 'text') return entries
  const numbers = entries.map((entry) => Number(entry.replace(',', '.')))
  const bad = numbers.findIndex(
    (value) => !Number.isFinite(value) || (field.items === 'integer' && !Number.isInteger(value)),
  )
  if (bad >= 0) return complain(`“${entries[bad]}” is not a ${field.items === 'integer' ? 'whole ' : ''}number.`)
  return numbers
}

function readJson(field: Extract<Leaf, { kind: 'json' }>, text: string, complain: Complain): unknown {
  try {
    const value: unknown = JSON.parse(text)
    if (field.array && !Array.isArray(value)) return complain('Write a JSON list: [ … ].')
    if (!field.array && (value === null || typeof value !== 'object' || Array.isArray(value)))
      return complain('Write a JSON object: { … }.')
    return value
  } catch {
    return complain('This is not JSON yet.')
  }
}

function isEmpty(entry: Draft[string]): boolean {
  return (
    entry === undefined ||
    (typeof entry === 'string' && entry.trim() === '') ||
    (Array.isArray(entry) && entry.length === 0)
  )
}
