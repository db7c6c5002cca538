// The one policy that answers for HTTP, preflight, WebSocket upgrade and origin-check: which pages may talk to this hub.

import type { OriginEntry, Role } from '../../protocol/index.ts'
import { HubError } from '../errors.ts'
import type { Clock, Records } from '../ports.ts'
import { type Difference, nearestOrigin } from './nearest-origin.ts'
import { fixFor, parseOrigin, splitOrigins } from './parse-origin.ts'
import { printable } from './printable.ts'

export type OriginVerdict =
  | { allowed: true; origin: string; grant?: Role }
  | {
      allowed: false
      code: 'origin-not-allowed' | 'origin-null' | 'origin-missing'
      /** May be shown to the page that was refused; says nothing about what else is allowed. */
      detail: string
      /** The line that would allow it. */
      fix?: string
    }

export type Origins = ReturnType<typeof createOrigins>

/** A list for people; whoever needs more wants a wildcard entry. */
const maxEntries = 1_000

/**
 * `configured` is the raw `TELEHUB_ORIGINS`; its entries win over recorded ones and cannot be removed.
 * Throws HubError `origin-invalid` that lists every bad entry, each with what to write instead.
 */
export function createOrigins(parts: {
  configured: string
  records: Pick<Records, 'origins'>
  clock: Pick<Clock, 'now'>
}) {
  const { records, clock } = parts
  const environment = readConfigured(parts.configured)
  const recorded = new Map<string, OriginEntry & { addedAt: number }>()
  const listeners = new Set<(origin: string) => void>()

  function entryFor(origin: string): OriginEntry | undefined {
    return environment.get(origin) ?? recorded.get(origin)
  }

  function list(): OriginEntry[] {
    const own = [...recorded.values()].filter(({ origin }) => !environment.has(origin))
    return [...environment.values(), ...own]
  }

  return {
    /** Reads the recorded entries; call once before `judge`. */
    async load(): Promise<void> {
      for (const { origin, grant, addedAt } of await records.origins.all())
        recorded.set(origin, { origin, ...(grant && { grant }), source: 'records', addedAt })
    },

    /**
     * What a request with this `Origin` header may do. Compared byte for byte, as browsers send it (RFC 6454 §6.1),
     * but for an explicit default port. Constant time in the length of the list.
     */
    judge(origin: string | undefined): OriginVerdict {
      if (origin === undefined)
        return refused('origin-missing', 'The request has no Origin header, which every browser sends here.')
      if (origin === 'null')
        return refused(
          'origin-null',
          'The page has no origin: it is a local file or in a sandboxed frame. Serve it over http(s).',
        )
      const sent = readSent(origin)
      if (!sent) return refused('origin-not-allowed', `The origin ${printable(origin)} is not one a web page can have.`)
      const entry = entryFor(sent.exact) ?? (sent.oneLabelUp === undefined ? undefined : entryFor(sent.oneLabelUp))
      if (entry) return { allowed: true, origin: sent.exact, ...(entry.grant && { grant: entry.grant }) }
      return refused(
        'origin-not-allowed',
        `The origin ${printable(origin)} is not allowed by this hub.`,
        fixFor(sent.exact),
      )
    },

    list,

    /** The allowed entry that comes closest to a refused origin, and in what they differ. For administrators only: it tells what is allowed. */
    nearest(origin: string): Difference | undefined {
      return nearestOrigin(
        origin,
        list().map((entry) => entry.origin),
      )
    },

    /**
     * Allows `https://a.test` or `https://a.test=viewer` from now on; again with another grant changes the grant.
     * HubError `origin-invalid` with what to write instead, `conflict` when the environment already has it.
     */
    async add(input: string): Promise<OriginEntry> {
      const parsed = parseOrigin(input)
      if (!parsed.ok) throw new HubError('origin-invalid', `${printable(input)}: ${parsed.problem}`)
      if (environment.has(parsed.origin))
        throw new HubError('conflict', `${parsed.origin} is set by TELEHUB_ORIGINS; change it there.`)
      if (recorded.size >= maxEntries && !recorded.has(parsed.origin))
        throw new HubError(
          'conflict',
          `The list holds ${maxEntries} origins at most; a wildcard such as https://*.ops.example.com may replace some.`,
        )
      const { origin, grant } = parsed
      const before = recorded.get(origin)
      const entry = {
        origin,
        ...(grant && { grant }),
        source: 'records' as const,
        addedAt: before?.addedAt ?? clock.now(),
      }
      await records.origins.save(entry)
      recorded.set(origin, entry)
      // Sockets opened under another grant, or under a wider wildcard, must not keep it.
      announceRemoved(origin)
      return entry
    },

    /**
     * Forbids it from now on; false when it was not in the list. HubError `conflict` for an entry of the environment,
     * `origin-invalid` for what is no origin.
     */
    async remove(input: string): Promise<boolean> {
      const parsed = parseOrigin(input.startsWith('http:') ? `insecure:${input}` : input)
      if (!parsed.ok) throw new HubError('origin-invalid', `${printable(input)}: ${parsed.problem}`)
      if (environment.has(parsed.origin))
        throw new HubError('conflict', `${parsed.origin} is set by TELEHUB_ORIGINS; remove it there.`)
      // Forbidden first, forgotten on disk second: a failing disk must not keep a page in.
      const known = recorded.delete(parsed.origin)
      if (known) announceRemoved(parsed.origin)
      await records.origins.remove(parsed.origin)
      return known
    },

    /** Called after each removal or change of a grant: whoever holds sockets judges their origins again. Returns the unsubscribe. */
    onRemoved(listener: (origin: string) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }

  function announceRemoved(origin: string): void {
    for (const listener of listeners) listener(origin)
  }
}

function refused(
  code: 'origin-not-allowed' | 'origin-null' | 'origin-missing',
  detail: string,
  fix?: string,
): OriginVerdict {
  return { allowed: false, code, detail, ...(fix !== undefined && { fix }) }
}

function readConfigured(configured: string): ReadonlyMap<string, OriginEntry> {
  const entries = new Map<string, OriginEntry>()
  const problems: { pointer: string; detail: string }[] = []
  for (const [index, text] of splitOrigins(configured).entries()) {
    const parsed = parseOrigin(text)
    if (!parsed.ok) problems.push({ pointer: `/${index}`, detail: `${printable(text)}: ${parsed.problem}` })
    else
      entries.set(parsed.origin, {
        origin: parsed.origin,
        ...(parsed.grant && { grant: parsed.grant }),
        source: 'environment',
      })
  }
  if (problems.length === 0) return entries
  const lines = problems.map(({ detail }) => `  ${detail}`).join('\n')
  throw new HubError('origin-invalid', `TELEHUB_ORIGINS has values that cannot be used:\n${lines}`, {
    errors: problems,
  })
}

/** The longest host name is 253 bytes (RFC 1035 §2.3.4), with scheme and port less than this. */
const maxOriginLength = 270
const sentForm = /^(https?):\/\/((?:[a-z0-9_-]+)(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]{2,45}\])(?::([1-9]\d{0,4}))?$/
const defaultPorts: Record<string, string> = { http: '80', https: '443' }

/** An Origin header as a key of the list, and as the key of a wildcard entry that would cover it. */
function readSent(origin: string): { exact: string; oneLabelUp?: string } | undefined {
  if (origin.length > maxOriginLength) return undefined
  const [, scheme, host, port] = sentForm.exec(origin) ?? []
  if (scheme === undefined || host === undefined) return undefined
  const suffix = port === undefined || port === defaultPorts[scheme] ? '' : `:${port}`
  const dot = host.indexOf('.')
  const exact = `${scheme}://${host}${suffix}`
  return dot === -1 ? { exact } : { exact, oneLabelUp: `${scheme}://*${host.slice(dot)}${suffix}` }
}
