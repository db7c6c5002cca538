// Reads the hub and key out of a sign-in link. They are in the fragment, which no server ever sees.

export interface Credentials {
  url: string
  key: string
}

/** `#hub=<url>&key=<secret>`; undefined when either is missing or the URL is not http. */
export function readSignInLink(fragment: string): Credentials | undefined {
  const parts = new URLSearchParams(fragment.replace(/^#/, ''))
  const key = parts.get('key')?.trim()
  const url = hubUrl(parts.get('hub') ?? '')
  return key && url ? { url, key } : undefined
}

/** True for a link with a key in it, even one that is no good otherwise. */
export function hasKey(fragment: string): boolean {
  return new URLSearchParams(fragment.replace(/^#/, '')).has('key')
}

/** A hub's URL as people type it, made regular: `localhost:8080` → `http://localhost:8080`. Undefined when it is none. */
export function hubUrl(input: string): string | undefined {
  const text = input.trim()
  if (text === '') return undefined
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`)
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
    if (url.username || url.password) return undefined
    return url.origin
  } catch {
    return undefined
  }
}
