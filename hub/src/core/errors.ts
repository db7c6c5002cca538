// The one error the core throws on purpose: a stable code, words for a person, and what an adapter may need to answer.

import type { ErrorCode } from '../protocol/index.ts'

export type Pointed = { pointer: string; detail: string }

export class HubError extends Error {
  readonly code: ErrorCode
  /** When trying again makes sense. */
  readonly retryAfterMs: number | undefined
  /** Places in the input, as JSON pointers (RFC 6901). */
  readonly errors: readonly Pointed[] | undefined

  constructor(
    code: ErrorCode,
    detail: string,
    more: { retryAfterMs?: number; errors?: readonly Pointed[]; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause })
    this.name = 'HubError'
    this.code = code
    this.retryAfterMs = more.retryAfterMs
    this.errors = more.errors
  }
}

/** Why a series store did not take a batch, and so what the recorder does next. */
export type StoreFault =
  /** Not reachable or overloaded: wait, then try the same again. */
  | 'unavailable'
  /** Reachable, but a setting is wrong: pause loudly; nothing is dropped. */
  | 'misconfigured'
  /** It will never take these readings as they are: split, and put the bad one aside. */
  | 'refused'

export class StoreError extends Error {
  readonly fault: StoreFault
  readonly retryAfterMs: number | undefined
  /** The configuration variable to look at, for `misconfigured`. */
  readonly setting: string | undefined

  constructor(
    fault: StoreFault,
    message: string,
    more: { retryAfterMs?: number; setting?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'StoreError'
    this.fault = fault
    this.retryAfterMs = more.retryAfterMs
    this.setting = more.setting
  }
}

/** For the end of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`)
}
