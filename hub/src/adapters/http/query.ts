// The pieces that queries are made of: instants, lists of names, limits, cursors.

import * as z from 'zod/mini'

/** Epoch milliseconds or ISO 8601, as epoch milliseconds. */
export const InstantText = z.pipe(
  z.string().check(z.maxLength(40)),
  z.transform((text, context) => {
    const at = /^-?\d{1,16}$/.test(text) ? Number(text) : isoInstant(text)
    if (at !== undefined) return at
    context.issues.push({ code: 'custom', message: 'Write epoch milliseconds or ISO 8601.', input: text })
    return z.NEVER
  }),
)

/** Names separated by commas: 1 to `max` of them, each once. */
export function names(max: number) {
  return z.pipe(
    z.string().check(z.maxLength(max * 65)),
    z.transform((text, context) => {
      const list = [...new Set(text.split(',').filter((name) => name !== ''))]
      if (list.length >= 1 && list.length <= max) return list
      context.issues.push({ code: 'custom', message: `Write 1 to ${max} names, separated by commas.`, input: text })
      return z.NEVER
    }),
  )
}

/** How many of a list, and after which. */
export const page = {
  limit: z._default(z.coerce.number().check(z.int(), z.gte(1), z.lte(1_000)), 100),
  cursor: z.optional(z.string().check(z.minLength(1), z.maxLength(512))),
}

function isoInstant(text: string): number | undefined {
  if (!/^\d{4}-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?)?$/.test(text)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}

/** The `Link` header to the next page of a list (RFC 8288), when there is one. */
export function linkToNext(url: string, cursor: string | undefined): Record<string, string> {
  if (cursor === undefined) return {}
  const [path = '', query] = url.split('?')
  const search = new URLSearchParams(query)
  search.set('cursor', cursor)
  return { Link: `<${path}?${search}>; rel="next"` }
}
