// The subset of JSON Schema in which a profile describes the parameters of its commands.

import * as z from 'zod/mini'

const common = {
  title: z.optional(z.string().check(z.maxLength(200))),
  description: z.optional(z.string().check(z.maxLength(1000))),
}

const NumberSchema = z.object({
  ...common,
  type: z.enum(['number', 'integer']),
  minimum: z.optional(z.number()),
  maximum: z.optional(z.number()),
  default: z.optional(z.number()),
  unit: z.optional(z.string().check(z.maxLength(16))),
})
const BooleanSchema = z.object({ ...common, type: z.literal('boolean'), default: z.optional(z.boolean()) })
const StringSchema = z.object({
  ...common,
  type: z.literal('string'),
  enum: z.optional(z.array(z.string()).check(z.minLength(1), z.maxLength(64))),
  maxLength: z.optional(z.int().check(z.gte(0))),
  default: z.optional(z.string()),
})

/** One parameter: string (`enum`, `maxLength`), number, integer, boolean, array or object of those; no `$ref`, no `pattern`. */
export type ParamSchema =
  | z.infer<typeof NumberSchema>
  | z.infer<typeof BooleanSchema>
  | z.infer<typeof StringSchema>
  | { type: 'array'; title?: string; description?: string; items: ParamSchema; maxItems?: number; default?: unknown[] }
  | ObjectSchema
export type ObjectSchema = {
  type: 'object'
  title?: string
  description?: string
  required?: string[]
  properties?: Record<string, ParamSchema>
}

const ObjectSchema: z.ZodMiniType<ObjectSchema> = z.object({
  ...common,
  type: z.literal('object'),
  required: z.optional(z.array(z.string())),
  properties: z.optional(
    z.record(
      z.string(),
      z.lazy(() => ParamSchema),
    ),
  ),
})
const ParamSchema: z.ZodMiniType<ParamSchema> = z.union([
  NumberSchema,
  BooleanSchema,
  StringSchema,
  z.object({
    ...common,
    type: z.literal('array'),
    items: z.lazy(() => ParamSchema),
    maxItems: z.optional(z.int().check(z.gte(0))),
    default: z.optional(z.array(z.unknown())),
  }),
  ObjectSchema,
])

/** What a profile says about one command. `timeoutMs`: from sending to the end; `idempotent`: may be sent twice. */
export const CommandProfile = z.object({
  title: z.optional(z.string().check(z.maxLength(200))),
  description: z.optional(z.string().check(z.maxLength(1000))),
  timeoutMs: z.optional(z.int().check(z.gte(100), z.lte(86_400_000))),
  idempotent: z.optional(z.boolean()),
  dangerous: z.optional(z.boolean()),
  params: z.optional(ObjectSchema),
})
export type CommandProfile = z.infer<typeof CommandProfile>

export const CommandName = z.string().check(z.regex(/^[A-Za-z][A-Za-z0-9_.-]{0,63}$/))
export const ProfileCommands = z.record(CommandName, CommandProfile)
