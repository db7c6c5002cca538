// Reads from the head of a request what access is decided by: exactly one Host, at most one Origin, one bearer key, no secret in the URL.

import { HubError } from '../errors.ts'

export type RequestHead = { host: string; origin: string | undefined }

/** Longer than any key we make; a longer one is refused unread. */
const maxBearerLength = 256
const secretForm = /th_(?:device|gateway|viewer|operator|admin)_[a-z0-9]{12}_/
const secretName = /^(?:access[_-]?token|api[_-]?key|auth|authorization|bearer|key|password|secret|ticket|token)$/i

/**
 * `rawHeaders` is Node's flat list: its parsed form hides repeated headers. HubError `bad-request` (no Host or two, two
 * Origins).
 */
export function readHead(rawHeaders: readonly string[]): RequestHead {
  const [host, ...otherHosts] = valuesOf(rawHeaders, 'host')
  if (host === undefined || otherHosts.length > 0)
    throw new HubError('bad-request', 'A request has exactly one Host header.')
  const [origin, ...otherOrigins] = valuesOf(rawHeaders, 'origin')
  if (otherOrigins.length > 0) throw new HubError('bad-request', 'A request has one Origin header at most.')
  return { host, origin }
}

/**
 * The key of `Authorization: Bearer <key>` (RFC 6750 §2.1), undefined when there is no such header. HubError
 * `bearer-required` for another scheme, an empty or overlong key, or two headers.
 */
export function readBearer(rawHeaders: readonly string[]): string | undefined {
  const [authorization, ...others] = valuesOf(rawHeaders, 'authorization')
  if (authorization === undefined) return undefined
  const [, key] = /^bearer +([\x21-\x7e]+)$/i.exec(authorization.length > maxBearerLength ? '' : authorization) ?? []
  if (key === undefined || others.length > 0)
    throw new HubError('bearer-required', 'Write one header "Authorization: Bearer <key>".')
  return key
}

/** HubError `token-in-url`: URLs end up in logs and histories, so a secret there is refused before it is used. */
export function refuseSecretInUrl(url: string): void {
  const names = url.includes('?') ? [...new URLSearchParams(url.slice(url.indexOf('?'))).keys()] : []
  if (secretForm.test(decoded(url)) || names.some((name) => secretName.test(name)))
    throw new HubError(
      'token-in-url',
      'A key or ticket does not belong in a URL, where it gets logged. Send it as "Authorization: Bearer <key>", and make a new one.',
    )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < rawHeaders.length; i += 2)
    if (rawHeaders[i]?.toLowerCase() === name) values.push(rawHeaders[i + 1] ?? '')
  return values
}
