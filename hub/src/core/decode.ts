// From what a peer sent to a typed message, or one code and sentence why not. Adapters call it at the edge; inside all is trusted.

import { isUtf8 } from 'node:buffer'
import { limits } from '../protocol/index.ts'
import { HubError } from './errors.ts'

/** The part of a schema that is needed here; every zod schema has it. */
export interface Schema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: Misfit }
}
interface Misfit {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]
}

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

/** HubError `bad-message` with a pointer to each of the first problems; `bad-name` for a member called `__proto__`. */
export function decode<T>(schema: Schema<T>, value: unknown, what = 'message'): T {
  const parsed = schema.safeParse(value)
  if (!parsed.success) throw misfit(what, parsed.error)
  return parsed.data
}

/**
 * For values whose members are not all named by a schema: `__proto__` must not reach code that merges objects, and depth
 * is bounded for messages that did not come through `parseJson`. HubError `bad-name`, `too-deep`.
 */
export function refuseOddMembers(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > limits.jsonDepth)
    throw new HubError('too-deep', `A message may be nested ${limits.jsonDepth} levels deep.`)
  if (Object.hasOwn(value, '__proto__'))
    throw new HubError('bad-name', '"__proto__" is not a name that can be used here.')
  for (const member of Object.values(value)) refuseOddMembers(member, depth + 1)
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

function misfit(what: string, { issues }: Misfit): HubError {
  const errors = issues.slice(0, 8).map(({ path, message }) => ({ pointer: pointerOf(path), detail: message }))
  const [first] = errors
  const where = first?.pointer ? ` at ${first.pointer}` : ''
  return new HubError(
    'bad-message',
    `The ${what} does not fit the protocol${where}: ${first?.detail ?? 'unreadable'}`,
    { errors },
  )
}

/** RFC 6901 §3. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
