// Where a key is kept between two loads of the page: in the tab, or in the browser when a person asked for that. Never in a URL.

import type { Credentials } from './sign-in-link.ts'

const credentialsName = 'telehub.session'
const hubsName = 'telehub.hubs'
const mostHubs = 4

export interface CredentialStore {
  load(): Credentials | undefined
  save(credentials: Credentials, remember: boolean): void
  /** Forgets the key, not where the hubs were. */
  clear(): void
  /** Hubs signed in to before, the last one first; at most four. */
  hubs(): string[]
}

/** `tab` ends with the tab (sessionStorage), `browser` stays (localStorage). Storage that is blocked or broken holds nothing. */
export function createCredentialStore(tab: Storage, browser: Storage): CredentialStore {
  return {
    load() {
      const kept = read(tab, credentialsName) ?? read(browser, credentialsName)
      return isCredentials(kept) ? { url: kept.url, key: kept.key } : undefined
    },
    save({ url, key }, remember) {
      write(tab, credentialsName, { url, key })
      if (remember) write(browser, credentialsName, { url, key })
      else remove(browser, credentialsName)
      write(browser, hubsName, [url, ...this.hubs().filter((known) => known !== url)].slice(0, mostHubs))
    },
    clear() {
      remove(tab, credentialsName)
      remove(browser, credentialsName)
    },
    hubs() {
      const kept = read(browser, hubsName)
      return Array.isArray(kept) ? kept.filter((url) => typeof url === 'string').slice(0, mostHubs) : []
    },
  }
}

function isCredentials(value: unknown): value is Credentials {
  const { url, key } = (value ?? {}) as Partial<Credentials>
  return typeof url === 'string' && typeof key === 'string'
}

function read(storage: Storage, name: string): unknown {
  try {
    return JSON.parse(storage.getItem(name) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

function write(storage: Storage, name: string, value: unknown): void {
  try {
    storage.setItem(name, JSON.stringify(value))
  } catch {
    // Storage is blocked: the session then lasts as long as the page.
  }
}

function remove(storage: Storage, name: string): void {
  try {
    storage.removeItem(name)
  } catch {
    // As above.
  }
}
