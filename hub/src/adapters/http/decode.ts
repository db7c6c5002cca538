// Checks what came in against a schema and says, with a pointer to each place, what does not fit.

import * as z from 'zod/mini'
import { pointerOf } from '../../core/decode.ts'
import { HubError, type Pointed } from '../../core/errors.ts'

// zod/mini comes without words; these are for people who read an answer.
z.config(z.locales.en())

/** Problems told at most; the first ones help, a thousand do not. */
const maxErrors = 16

/** HubError with JSON pointers (RFC 6901): `bad-message` for a body, as on the other transports, `bad-request` for a query. */
export function decode<T>(schema: z.ZodMiniType<T>, input: unknown, what: 'body' | 'query'): T {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const errors = result.error.issues.flatMap((issue) => pointed(issue)).slice(0, maxErrors)
  throw new HubError(
    what === 'body' ? 'bad-message' : 'bad-request',
    `The ${what} does not fit: ${wordsOf(errors[0])}`,
    {
      errors,
    },
  )
}

function wordsOf(first: Pointed | undefined): string {
  if (!first) return 'see the OpenAPI document.'
  return first.pointer === '' ? first.detail : `${first.pointer}: ${first.detail}`
}

type Issue = z.core.$ZodIssue

function pointed(issue: Issue, base: readonly PropertyKey[] = []): Pointed[] {
  const path = [...base, ...issue.path]
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The branch that was understood furthest is the one that was meant.
    const deepest = (issues: readonly Issue[]) => Math.max(0, ...issues.map((inner) => inner.path.length))
    const branch = [...issue.errors].sort((a, b) => deepest(b) - deepest(a))[0] ?? []
    return branch.flatMap((inner) => pointed(inner, path))
  }
  return [{ pointer: pointerOf(path), detail: issue.message }]
}
