// HTTP under /api/v1 with a key: parsed JSON out, HubProblem on refusal.

import type { Problem } from '../protocol/model.ts'
import { HubProblem } from './problem.ts'

export interface RequestOptions {
  readonly headers?: Record<string, string>
  readonly signal?: AbortSignal
}

/** HubProblem with the hub's own code and words, or `unreachable`. An aborted request throws the signal's reason. */
export type Request = <T>(
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
  options?: RequestOptions,
) => Promise<T>

export function createRequest(url: string, key: string | undefined): Request {
  return async <T>(
    method: string,
    path: string,
    body?: unknown,
    { headers, signal }: RequestOptions = {},
  ): Promise<T> => {
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(key !== undefined && { authorization: `Bearer ${key}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: signal ?? null,
      credentials: 'omit',
      cache: 'no-store',
    }).catch((cause) => {
      if (signal?.aborted) throw cause
      throw new HubProblem('unreachable', `Nothing answers at ${url}, or the hub does not allow this page.`, { cause })
    })
    const answer = response.status === 204 ? undefined : await response.json().catch(() => undefined)
    if (response.ok) return answer as T
    const { code = 'hub-error', detail = response.statusText, errors } = (answer ?? {}) as Partial<Problem>
    throw new HubProblem(code, detail, { status: response.status, ...(errors && { errors }) })
  }
}

/** `http://host:port` without a path, so that paths can follow. Throws TypeError for what is not an http(s) URL. */
export function hubUrl(input: string): string {
  const url = new URL(input)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError('A hub is reached by http:// or https://.')
  return url.origin
}
