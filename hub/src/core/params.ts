// Checks the parameters of a command against the schema in the device's profile; every problem with its JSON pointer.

import type { ObjectSchema, ParamSchema, Params } from '../protocol/index.ts'
import type { Pointed } from './errors.ts'

/** The parameters with defaults filled in, or what is wrong with them. Parameters the schema does not name are refused. */
export function checkParams(
  schema: ObjectSchema | undefined,
  given: Params,
): { params: Params } | { errors: Pointed[] } {
  const errors: Pointed[] = []
  const params = checkObject(schema ?? { type: 'object' }, given, '', errors)
  return errors.length > 0 ? { errors } : { params: params as Params }
}

function checkValue(schema: ParamSchema, value: unknown, pointer: string, errors: Pointed[]): unknown {
  const wrong = (detail: string) => void errors.push({ pointer, detail })
  switch (schema.type) {
    case 'object':
      return checkObject(schema, value, pointer, errors)
    case 'array':
      return checkArray(schema, value, pointer, errors)
    case 'boolean':
      return typeof value === 'boolean' ? value : wrong('must be true or false')
    case 'string':
      if (typeof value !== 'string') return wrong('must be a text')
      if (schema.enum && !schema.enum.includes(value)) return wrong(`must be one of ${schema.enum.join(', ')}`)
      if (schema.maxLength !== undefined && value.length > schema.maxLength)
        return wrong(`may have ${schema.maxLength} characters`)
      return value
    case 'integer':
    case 'number':
      if (typeof value !== 'number' || !Number.isFinite(value)) return wrong('must be a number')
      if (schema.type === 'integer' && !Number.isInteger(value)) return wrong('must be a whole number')
      if (schema.minimum !== undefined && value < schema.minimum) return wrong(`must be at least ${schema.minimum}`)
      if (schema.maximum !== undefined && value > schema.maximum) return wrong(`must be at most ${schema.maximum}`)
      return value
  }
}

function checkObject(schema: ObjectSchema, value: unknown, pointer: string, errors: Pointed[]): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return void errors.push({ pointer, detail: 'must be an object' })
  }
  const given = value as Record<string, unknown>
  const properties = new Map(Object.entries(schema.properties ?? {}))
  const checked: Record<string, unknown> = {}
  for (const name of Object.keys(given)) {
    if (!properties.has(name))
      errors.push({ pointer: `${pointer}/${escaped(name)}`, detail: 'is not a parameter of this command' })
  }
  for (const [name, property] of properties) {
    const at = `${pointer}/${escaped(name)}`
    if (Object.hasOwn(given, name)) checked[name] = checkValue(property, given[name], at, errors)
    else if ('default' in property && property.default !== undefined) checked[name] = property.default
    else if (schema.required?.includes(name)) errors.push({ pointer: at, detail: 'is required' })
  }
  return checked
}

function checkArray(
  schema: Extract<ParamSchema, { type: 'array' }>,
  value: unknown,
  pointer: string,
  errors: Pointed[],
): unknown {
  if (!Array.isArray(value)) return void errors.push({ pointer, detail: 'must be a list' })
  if (schema.maxItems !== undefined && value.length > schema.maxItems) {
    return void errors.push({ pointer, detail: `may have ${schema.maxItems} entries` })
  }
  return value.map((item, i) => checkValue(schema.items, item, `${pointer}/${i}`, errors))
}

/** RFC 6901 §3. */
function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
