// Turns every error into one problem+json answer (RFC 9457); the one table from code to status is here.

import { STATUS_CODES } from 'node:http'
import type { Response } from 'express'
import { HubError } from '../../core/errors.ts'
import type { ErrorCode, Problem } from '../../protocol/index.ts'

const status = {
  'bad-json': 400,
  'bad-message': 400,
  'bad-request': 400,
  'too-large': 413,
  'too-deep': 400,
  'too-fast': 429,
  'unsupported-media-type': 415,
  'method-not-allowed': 405,
  'not-found': 404,
  conflict: 409,
  'precondition-failed': 412,
  'request-timeout': 408,
  overloaded: 503,
  'journal-full': 503,
  'store-unavailable': 503,
  'hub-error': 500,
  'bearer-required': 401,
  unauthenticated: 401,
  'wrong-audience': 403,
  'role-needed': 403,
  revoked: 401,
  'origin-not-allowed': 403,
  'origin-null': 403,
  'origin-missing': 403,
  'origin-invalid': 422,
  'browser-on-device-endpoint': 403,
  'host-not-allowed': 421,
  'token-in-url': 400,
  'ticket-required': 401,
  'ticket-unknown': 401,
  'ticket-expired': 401,
  'ticket-origin': 401,
  'empty-batch': 400,
  'too-many-readings': 413,
  'bad-name': 422,
  'reserved-name': 422,
  'value-type': 422,
  'value-not-finite': 422,
  'at-range': 422,
  'at-too-old': 422,
  'at-in-future': 422,
  'type-conflict': 422,
  'cardinality-limit': 422,
  'foreign-device': 403,
  'too-many-watches': 429,
  'device-offline': 409,
  'unknown-command': 422,
  'bad-params': 422,
  'command-ended': 409,
  'idempotency-conflict': 409,
} satisfies Record<ErrorCode, number>

/** For a 429 or 503 whose cause does not know when it will be over. */
const defaultRetryMs = 1_000

export function statusOf(code: ErrorCode): number {
  return status[code]
}

/** What may be told of an error: its own code and words, or `hub-error` for one that was not meant. */
export function hubErrorOf(error: unknown): HubError {
  if (error instanceof HubError) return error
  if (isClientError(error)) return new HubError('bad-request', 'The request cannot be read.', { cause: error })
  return new HubError('hub-error', 'Something went wrong in the hub; its log has the cause.', { cause: error })
}

function problemOf({ code, message, errors }: HubError): Problem {
  const number = statusOf(code)
  return {
    type: `urn:telehub:problem:${code}`,
    title: STATUS_CODES[number] ?? 'Error',
    status: number,
    code,
    detail: message,
    ...(errors && { errors: [...errors] }),
  }
}

/** Answers with the problem, unless the answer has begun: then the connection is cut, so that nobody takes it for whole. */
export function sendProblem(res: Response, error: HubError): void {
  if (res.headersSent) {
    res.destroy()
    return
  }
  const problem = problemOf(error)
  const body = JSON.stringify(problem)
  res.status(problem.status)
  if (problem.status === 401) res.setHeader('WWW-Authenticate', 'Bearer')
  if (problem.status === 429 || problem.status === 503)
    res.setHeader('Retry-After', Math.max(1, Math.ceil((error.retryAfterMs ?? defaultRetryMs) / 1000)))
  res.setHeader('Content-Type', 'application/problem+json')
  res.setHeader('Content-Length', Buffer.byteLength(body))
  res.end(res.req.method === 'HEAD' ? undefined : body)
}

/** Express marks what the client got wrong (a `%` that cannot be decoded) with a status. */
function isClientError(error: unknown): boolean {
  const marked = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined
  return typeof marked === 'number' && marked >= 400 && marked < 500
}
