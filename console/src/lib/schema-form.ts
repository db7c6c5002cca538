// Makes form fields out of the parameter schema of a command, and parameters out of what was filled in.

import type { ObjectSchema, ParamSchema } from '@telehub/hub/protocol'

interface Named {
  /** Where its value goes in the parameters (RFC 6901): `/target`, `/ramp/seconds`. Its key in drafts and errors. */
  pointer: string
  name: string
  title: string
  description?: string | undefined
  required: boolean
}
export type NumberField = Named & {
  kind: 'number'
  integer: boolean
  min?: number | undefined
  max?: number | undefined
  unit?: string | undefined
  /** Given when both ends are: the step of a slider between them. */
  sliderStep?: number | undefined
  initial?: number | undefined
}
export type ChoiceField = Named & {
  kind: 'choice'
  options: string[]
  segmented: boolean
  initial?: string | undefined
}
export type TextField = Named & { kind: 'text'; maxLength?: number | undefined; initial?: string | undefined }
export type BooleanField = Named & { kind: 'boolean'; initial?: boolean | undefined }
export type ListField = Named & {
  kind: 'list'
  items: 'text' | 'number' | 'integer'
  maxItems?: number | undefined
  initial?: unknown[] | undefined
}
/** Whatever has no better form. */
export type JsonField = Named & { kind: 'json'; array: boolean; initial?: unknown }
export type GroupField = Named & { kind: 'group'; fields: Field[] }
export type Field = NumberField | ChoiceField | TextField | BooleanField | ListField | JsonField | GroupField

const mostSegments = 4

/** In the order of the schema. A command without parameters has no fields. */
export function fieldsOf(schema: ObjectSchema | undefined, base = ''): Field[] {
  const required = new Set(schema?.required)
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const pointer = `${base}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    const { title, description } = property
    return fieldOf({ pointer, name, title: title ?? spoken(name), description, required: required.has(name) }, property)
  })
}

/** Every field that holds a value itself, groups opened up. */
export function leavesOf(fields: readonly Field[]): Exclude<Field, GroupField>[] {
  return fields.flatMap((field) => (field.kind === 'group' ? leavesOf(field.fields) : field))
}

/** Nothing must be filled in: the command can be sent with one click. */
export function isOneClick(schema: ObjectSchema | undefined): boolean {
  return Object.keys(schema?.properties ?? {}).length === 0
}

function fieldOf(named: Named, schema: ParamSchema): Field {
  switch (schema.type) {
    case 'integer':
    case 'number':
      return numberField(named, schema)
    case 'boolean':
      return { ...named, kind: 'boolean', initial: schema.default }
    case 'string':
      if (!schema.enum) return { ...named, kind: 'text', maxLength: schema.maxLength, initial: schema.default }
      return {
        ...named,
        kind: 'choice',
        options: schema.enum,
        segmented: isShort(schema.enum),
        initial: schema.default,
      }
    case 'array':
      return arrayField(named, schema)
    case 'object':
      if (!schema.properties) return { ...named, kind: 'json', array: false }
      return { ...named, kind: 'group', fields: fieldsOf(schema, named.pointer) }
  }
}

function numberField(named: Named, schema: Extract<ParamSchema, { type: 'number' | 'integer' }>): NumberField {
  const { minimum: min, maximum: max, unit } = schema
  const integer = schema.type === 'integer'
  const field: NumberField = { ...named, kind: 'number', integer, min, max, unit, initial: schema.default }
  if (min === undefined || max === undefined || max <= min) return field
  const fine = 10 ** Math.floor(Math.log10((max - min) / 100))
  return { ...field, sliderStep: integer ? Math.max(1, Math.round(fine)) : fine }
}

function arrayField(named: Named, schema: Extract<ParamSchema, { type: 'array' }>): ListField | JsonField {
  const { items, maxItems, default: initial } = schema
  if (items.type === 'string') return { ...named, kind: 'list', items: 'text', maxItems, initial }
  if (items.type === 'number' || items.type === 'integer') {
    return { ...named, kind: 'list', items: items.type, maxItems, initial }
  }
  return { ...named, kind: 'json', array: true, initial }
}

function isShort(options: readonly string[]): boolean {
  return options.length <= mostSegments && options.join('').length <= 32
}

/** `setTarget`, `set_target` → `Set target`. */
export function spoken(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_.-]+/g, ' ')
    .trim()
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}
