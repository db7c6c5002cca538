// The protocol's schemas as JSON Schema components, named as they are exported: both API documents refer to these.

import { globalRegistry, registry, toJSONSchema } from 'zod'
import * as protocol from '../../protocol/index.ts'
import type { Schema } from './endpoint.ts'

type Json = Record<string, unknown>

const prefix = '#/components/schemas/'

/** `schemas` by name, and `ref` to one of them; a schema that is not exported by the protocol is written out in place. */
export function createComponents(): { schemas: Record<string, Json>; ref(schema: Schema): Json } {
  const named = new Map<Schema, string>()
  const ids = registry<{ id: string }>()
  for (const [name, value] of Object.entries(protocol)) {
    if (!isSchema(value) || named.has(value)) continue
    named.set(value, name)
    ids.add(value, { id: name })
  }
  const { schemas } = toJSONSchema(ids, { uri: (id) => `${prefix}${id}`, io: 'input', unrepresentable: 'any' })
  return {
    schemas: withSharedNamed(schemas as Record<string, Json>),
    ref(schema) {
      const name = named.get(schema)
      if (name !== undefined) return { $ref: `${prefix}${name}` }
      return plain(toJSONSchema(schema, { io: 'input', unrepresentable: 'any', metadata: globalRegistry }))
    },
  }
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && '_zod' in value
}

/** zod gathers schemas that only other schemas use under `__shared`; here they become components of their own. */
function withSharedNamed(schemas: Record<string, Json>): Record<string, Json> {
  const { __shared: shared, ...rest } = schemas
  const all = { ...rest, ...((shared?.$defs ?? {}) as Record<string, Json>) }
  const text = JSON.stringify(Object.fromEntries(Object.entries(all).map(([name, schema]) => [name, plain(schema)])))
  return JSON.parse(text.replaceAll(`${prefix}__shared#/$defs/`, prefix))
}

function plain({ $schema: _, $id: __, ...schema }: Json): Json {
  return schema
}
