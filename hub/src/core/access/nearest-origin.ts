// Finds the allowed origin that a refused one was probably meant to be, and names the difference.

export type Difference = { origin: string; differsIn: string }

type Parts = { scheme: string; host: string; port: string }

/** The closest entry, or undefined when nothing in the list is alike. `differsIn` completes "it differs in …". */
export function nearestOrigin(origin: string, allowed: readonly string[]): Difference | undefined {
  const sent = split(origin)
  if (!sent) return undefined
  let best: (Difference & { distance: number }) | undefined
  for (const entry of allowed) {
    const listed = split(entry)
    const difference = listed && compare(sent, listed)
    if (difference && difference.distance < (best?.distance ?? Number.POSITIVE_INFINITY))
      best = { origin: entry, ...difference }
  }
  return best && { origin: best.origin, differsIn: best.differsIn }
}

function split(origin: string): Parts | undefined {
  const [, scheme, host, port] = /^([a-z]+):\/\/(.+?)(?::(\d+))?$/.exec(origin) ?? []
  return scheme === undefined || host === undefined ? undefined : { scheme, host, port: port ?? '' }
}

function compare(sent: Parts, listed: Parts): { differsIn: string; distance: number } | undefined {
  const differences: string[] = []
  if (sent.scheme !== listed.scheme) differences.push(`the scheme (${listed.scheme}, not ${sent.scheme})`)
  if (sent.port !== listed.port) differences.push(`the port (${named(listed.port)}, not ${named(sent.port)})`)
  const host = compareHosts(sent.host, listed.host)
  if (!host) return undefined
  if (host.differsIn) differences.push(host.differsIn)
  if (differences.length === 0) return undefined
  return { differsIn: differences.join(' and '), distance: differences.length + host.distance }
}

function named(port: string): string {
  return port === '' ? 'the default one' : port
}

function compareHosts(sent: string, listed: string): { differsIn?: string; distance: number } | undefined {
  if (sent === listed) return { distance: 0 }
  if (listed.startsWith('*.')) return compareWildcard(sent, listed.slice(2))
  if (isLocal(sent) && isLocal(listed))
    return { differsIn: `the host (${listed}, not ${sent}: browsers tell them apart)`, distance: 1 }
  if (sent === `www.${listed}` || listed === `www.${sent}`)
    return { differsIn: '"www." in front of the host', distance: 1 }
  const typos = editDistance(sent, listed, 2)
  return typos === undefined ? undefined : { differsIn: `the host (${listed}, not ${sent})`, distance: 1 + typos }
}

function compareWildcard(sent: string, base: string): { differsIn?: string; distance: number } | undefined {
  if (sent === base) return { differsIn: 'the host: a wildcard does not cover the domain itself', distance: 1 }
  if (!sent.endsWith(`.${base}`)) return undefined
  const labels = sent.slice(0, -base.length - 1).split('.').length
  if (labels === 1) return { distance: 0 }
  return { differsIn: `the host: a wildcard covers one label, not ${labels}`, distance: 1 }
}

function isLocal(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
}

/** Levenshtein distance, or undefined when it is above `max` or either text is not host-sized. */
function editDistance(a: string, b: string, max: number): number | undefined {
  if (Math.abs(a.length - b.length) > max || a.length > 253 || b.length > 253) return undefined
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  const distance = row[b.length] ?? Number.POSITIVE_INFINITY
  return distance > max ? undefined : distance
}
