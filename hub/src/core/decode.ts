// From what a peer sent to a typed message, or one code and sentence why not. Adapters call it at the edge; inside all is trusted.

import { isUtf8 } from 'node:buffer'
import { type ErrorCode, limits } from '../protocol/index.ts'
import { HubError, type Pointed } from './errors.ts'

/** The part of a schema that is needed here; every zod schema has it. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ): { success: true; data: T } | { success: false; error: { readonly issues: readonly Issue[] } }
}
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  /** Of a union: what was wrong with each of its branches. */
  readonly errors?: readonly (readonly Issue[])[]
}

/** Problems told at most; the first ones help, a thousand do not. */
const maxErrors = 16

/** JSON (RFC 8259) in UTF-8, nested `limits.jsonDepth` deep at most. HubError `bad-json`, `too-deep`. */
export function parseJson(bytes: Uint8Array): unknown {
  if (isTooDeep(bytes)) throw new HubError('too-deep', `JSON may be nested ${limits.jsonDepth} levels deep.`)
  if (!isUtf8(bytes)) throw new HubError('bad-json', 'The message is not UTF-8.')
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'))
  } catch (cause) {
    throw new HubError('bad-json', 'The message is not JSON; note that NaN and Infinity are not JSON either.', {
      cause,
    })
  }
}

/**
 * HubError `bad-message`, or the `code` given, with a JSON pointer (RFC 6901) and words for each of the first problems.
 * `what` names the value in the words: "body", "profile".
 */
export function decode<T>(schema: Schema<T>, value: unknown, what = 'message', code: ErrorCode = 'bad-message'): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.flatMap((issue) => pointed(issue)).slice(0, maxErrors)
  throw new HubError(code, `The ${what} does not fit: ${wordsOf(errors[0])}`, { errors })
}

/**
 * For values whose members are not all named by a schema: `__proto__` must not reach code that merges objects. What did
 * not come through `parseJson` must be what JSON could have said, and no deeper. HubError `bad-name`, `too-deep`,
 * `bad-message`.
 */
export function refuseOddMembers(value: unknown, depth = 0): void {
  if (typeof value === 'bigint') throw notPlain()
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype) throw notPlain()
  if (depth > limits.jsonDepth)
    throw new HubError('too-deep', `A message may be nested ${limits.jsonDepth} levels deep.`)
  if (Object.hasOwn(value, '__proto__'))
    throw new HubError('bad-name', '"__proto__" is not a name that can be used here.')
  for (const member of Object.values(value)) refuseOddMembers(member, depth + 1)
}

function notPlain(): HubError {
  return new HubError('bad-message', 'Only maps, lists, texts, numbers, booleans and null can be sent.')
}

const quote = 0x22
const backslash = 0x5c

/** Counts brackets outside of strings before anything is built from them. */
function isTooDeep(json: Uint8Array): boolean {
  let depth = 0
  let inString = false
  for (let i = 0; i < json.length; i++) {
    const byte = json[i] as number
    if (inString) {
      if (byte === backslash) i++
      else if (byte === quote) inString = false
      continue
    }
    // `{` 0x7b and `[` 0x5b, `}` 0x7d and `]` 0x5d differ in one bit each.
    const bracket = byte | 0x20
    if (byte === quote) inString = true
    else if (bracket === 0x7b && ++depth > limits.jsonDepth) return true
    else if (bracket === 0x7d) depth--
  }
  return false
}

function wordsOf(first: Pointed | undefined): string {
  if (!first) return 'see the description of the protocol.'
  return first.pointer === '' ? first.detail : `${first.pointer}: ${first.detail}`
}

function pointed({ path, message, errors = [] }: Issue, base: readonly PropertyKey[] = []): Pointed[] {
  const place = [...base, ...path]
  if (errors.length === 0) return [{ pointer: pointerOf(place), detail: message }]
  // The branch that was understood furthest is the one that was meant.
  const understood = (issues: readonly Issue[]) => Math.max(0, ...issues.map((issue) => issue.path.length))
  const [branch = []] = [...errors].sort((a, b) => understood(b) - understood(a))
  return branch.flatMap((issue) => pointed(issue, place))
}

/** RFC 6901 §3. */
function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
