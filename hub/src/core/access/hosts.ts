// Says whether a `Host` header names this hub: a page whose own name was rebound to our address must get nothing (DNS rebinding).

export type Hosts = ReturnType<typeof createHosts>

/**
 * Accepted, with any port: `localhost`, the name the hub listens on, every IP address (a rebinding attack needs a name
 * of its own; decisions/0005), and `extra`, the entries of `TELEHUB_HOSTS` (with a port: that port only).
 */
export function createHosts({ host, extra = [] }: { host: string; extra?: readonly string[] }) {
  const accepted = new Set(['localhost', host, ...extra].map((name) => name.toLowerCase()))
  return {
    /** `hostHeader` as sent (RFC 9112 §3.2); undefined is never ours. */
    allows(hostHeader: string | undefined): boolean {
      const [, name, port] = /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::(\d{1,5}))?$/i.exec(hostHeader ?? '') ?? []
      if (name === undefined) return false
      const lower = name.toLowerCase()
      return isAddress(lower) || accepted.has(lower) || accepted.has(`${lower}:${port}`)
    },
  }
}

/** An address, but not the unspecified one: pages have reached local servers through `0.0.0.0`. */
function isAddress(name: string): boolean {
  const address = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name) || name.startsWith('[')
  return address && name !== '0.0.0.0' && name !== '[::]'
}
