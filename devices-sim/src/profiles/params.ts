// Checks the parameters of a command as a careful device does: over a broker anyone may have sent it.

import type { ObjectSchema, ParamSchema, Params } from '@telehub/hub/protocol'

/** What is wrong with `params`, in a sentence; undefined when nothing is. Parameters that the schema does not name are let be. */
export function wrongParams(schema: ObjectSchema | undefined, params: Params): string | undefined {
  const wrong = schema && wrongObject(schema, params, '')
  return wrong && `${wrong}.`
}

function wrongObject(
  { required = [], properties = {} }: ObjectSchema,
  params: Params,
  within: string,
): string | undefined {
  const missing = required.find((name) => params[name] === undefined)
  if (missing !== undefined) return `${within}${missing} is missing`
  for (const [name, schema] of Object.entries(properties)) {
    const value = params[name]
    const wrong = value === undefined ? undefined : wrongValue(schema, value, `${within}${name}`)
    if (wrong) return wrong
  }
  return undefined
}

function wrongValue(schema: ParamSchema, value: unknown, name: string): string | undefined {
  switch (schema.type) {
    case 'number':
    case 'integer': {
      if (typeof value !== 'number' || !Number.isFinite(value)) return `${name} must be a number`
      if (schema.type === 'integer' && !Number.isInteger(value)) return `${name} must be a whole number`
      if (value < (schema.minimum ?? -Infinity)) return `${name} must be at least ${schema.minimum}`
      if (value > (schema.maximum ?? Infinity)) return `${name} must be at most ${schema.maximum}`
      return undefined
    }
    case 'string': {
      if (typeof value !== 'string') return `${name} must be a text`
      if (schema.enum && !schema.enum.includes(value)) return `${name} must be one of ${schema.enum.join(', ')}`
      if (value.length > (schema.maxLength ?? Infinity))
        return `${name} must have at most ${schema.maxLength} characters`
      return undefined
    }
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${name} must be true or false`
    case 'array': {
      if (!Array.isArray(value)) return `${name} must be a list`
      if (value.length > (schema.maxItems ?? Infinity)) return `${name} must have at most ${schema.maxItems} items`
      const wrongs = value.map((item, index) => wrongValue(schema.items, item, `${name}[${index}]`))
      return wrongs.find((wrong) => wrong !== undefined)
    }
    case 'object':
      return isParams(value) ? wrongObject(schema, value, `${name}.`) : `${name} must be an object`
  }
}

function isParams(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
