// What a client gets when a hub says no, or does not say anything.

import type { ErrorCode } from '../protocol/codes.ts'

/** `code` is one of the protocol's, or `unreachable` when nothing answered, or `closed` when the client was closed. */
export class HubProblem extends Error {
  readonly code: ErrorCode | 'unreachable' | 'closed'
  /** HTTP status, 0 where there was none. */
  readonly status: number
  readonly errors: readonly { pointer: string; detail: string }[]

  constructor(
    code: HubProblem['code'],
    detail: string,
    more: { status?: number; errors?: readonly { pointer: string; detail: string }[]; cause?: unknown } = {},
  ) {
    super(detail, { cause: more.cause })
    this.name = 'HubProblem'
    this.code = code
    this.status = more.status ?? 0
    this.errors = more.errors ?? []
  }
}
