// Reads one configured origin: normalises what is meant, and refuses the rest in words that teach.

import { domainToUnicode } from 'node:url'
import type { Role } from '../../protocol/index.ts'
import { Role as RoleSchema } from '../../protocol/index.ts'

/** `origin` as browsers send it (`https://a.test`, default port left out, IDN in ASCII), or with `*.` for exactly one label. */
export type AllowedOrigin = { origin: string; grant?: Role }
export type ParsedOrigin = ({ ok: true } & AllowedOrigin) | { ok: false; problem: string }

const roles = RoleSchema.options.join(', ')
const wildcard = '*.'
/** Stands for the `*` while WHATWG URL reads the rest. */
const standIn = 'one-label'

/**
 * Parses one entry of `TELEHUB_ORIGINS`, or the body of `POST /origins`: `[insecure:]<origin>[=viewer|operator|admin]`.
 * A refusal says what is wrong and, where it can be known, what to write instead. Never throws.
 */
export function parseOrigin(input: string): ParsedOrigin {
  const { text, grant, badGrant } = splitGrant(input.trim())
  if (badGrant !== undefined) return refuse(`"${badGrant}" is no role: write one of ${roles} after the "="`)
  if (text === '*') return refuse('a list is needed: "*" would trust every page on the web')
  if (text === 'null') return refuse('a list is needed: "null" is what every sandboxed frame and local file sends')
  if (/^file:/i.test(text))
    return refuse('a list is needed: pages from files all send "null"; serve the page over http')

  const insecure = /^insecure:/i.test(text)
  const read = readUrl(insecure ? text.slice('insecure:'.length) : text)
  if ('problem' in read) return refuse(read.problem)

  const problem = hostProblem(read) ?? schemeProblem(read, insecure) ?? spareProblem(read, insecure)
  if (problem) return refuse(problem)
  return { ok: true, origin: read.origin, ...(grant && { grant }) }
}

/** Splits `TELEHUB_ORIGINS` at commas and white space. */
export function splitOrigins(configured: string): string[] {
  return configured.split(/[\s,]+/).filter((entry) => entry !== '')
}

/** Whether a host name, as WHATWG URL writes it, always means this computer. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

/** What an administrator types to allow this origin; undefined for what no page can send. */
export function fixFor(origin: string): string | undefined {
  for (const entry of [origin, `insecure:${origin}`]) {
    const parsed = parseOrigin(entry)
    if (parsed.ok && parsed.origin === origin) return `telehub origins add ${entry}`
  }
  return undefined
}

type Read = {
  origin: string
  scheme: string
  /** Without the `*.` of a wildcard. */
  host: string
  starred: boolean
  /** What was written but is no part of an origin. */
  spare?: 'userinfo' | 'path'
}

function refuse(problem: string): ParsedOrigin {
  return { ok: false, problem }
}

function splitGrant(text: string): { text: string; grant?: Role; badGrant?: string } {
  const at = text.lastIndexOf('=')
  // A "=" inside a path or query belongs to the URL, whose refusal teaches more than "no role" would.
  if (at === -1 || /[/?#]/.test(text.slice(text.indexOf('://') + 3, at))) return { text }
  const role = RoleSchema.safeParse(text.slice(at + 1))
  return role.success ? { text: text.slice(0, at), grant: role.data } : { text, badGrant: text.slice(at + 1) }
}

function readUrl(text: string): Read | { problem: string } {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return { problem: withoutScheme(text) }
  if (scheme === 'ws' || scheme === 'wss') return { problem: ofSocket(text) }
  if (scheme !== 'http' && scheme !== 'https')
    return { problem: `"${scheme}://" is no origin a web page can have: only http and https` }

  const afterScheme = text.slice(scheme.length + 3)
  const authority = afterScheme.split(/[/?#\\]/)[0] ?? ''
  const hostPart = authority.slice(authority.lastIndexOf('@') + 1)
  const starred = hostPart.startsWith(wildcard)
  const starProblem = misplacedStar(hostPart, starred)
  if (starProblem) return { problem: starProblem }

  const url = parse(starred ? text.replace(wildcard, `${standIn}.`) : text)
  if (!url) return { problem: `"${hostPart}" is not a host name` }
  const host = starred ? url.hostname.slice(standIn.length + 1) : url.hostname
  const port = url.port === '' ? '' : `:${url.port}`
  const origin = `${scheme}://${starred ? wildcard : ''}${host}${port}`
  // Whatever follows the authority, even a single "/", is not in what a browser sends.
  const spare = authority.includes('@') ? 'userinfo' : afterScheme.length > authority.length ? 'path' : undefined
  return { origin, scheme, host, starred, ...(spare && { spare }) }
}

function parse(text: string): URL | undefined {
  // WHATWG URL drops tabs and line breaks silently; a value with one in it was not meant as it stands.
  if (/[\s\p{Cc}]/u.test(text)) return undefined
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function withoutScheme(text: string): string {
  if (text === '') return 'there is nothing: write scheme, host and port, as in https://a.test'
  const guess = parseOrigin(`https://${text}`)
  if (!guess.ok) return guess.problem
  return `write ${isLoopback(new URL(guess.origin).hostname) ? guess.origin.replace('https:', 'http:') : guess.origin}`
}

function ofSocket(text: string): string {
  const guess = parseOrigin(text.replace(/^ws/i, 'http'))
  return guess.ok ? `an origin is where the page comes from, not the socket: write ${guess.origin}` : guess.problem
}

function misplacedStar(host: string, starred: boolean): string | undefined {
  const rest = starred ? host.slice(wildcard.length) : host
  if (host === '*' || host.startsWith('*:')) return 'a list is needed: this would trust every page on the web'
  if (!rest.includes('*')) return undefined
  return 'a "*" stands for one whole label and only in front, as in https://*.ops.example.com'
}

function hostProblem({ origin, host, starred }: Read): string | undefined {
  if (host === '' || host === '.') return 'the host name is missing: write it as in https://a.test'
  if (host.endsWith('.')) return didYouMean(origin.replace(/\.+(?=:\d+$|$)/, ''), 'the host ends with a dot')
  // WHATWG URL lets more through in host names; no name on the web has it, and it confuses whoever reads the list.
  if (!/^(?:\[[0-9a-f:.]+\]|[a-z0-9_-]+(?:\.[a-z0-9_-]+)*)$/.test(host))
    return `"${domainToUnicode(host) || host}" is not a host name`
  if (!starred) return undefined
  if (!host.includes('.'))
    return `"*.${host}" would trust everybody's pages under .${host}: name the domain, as in https://*.ops.example.com`
  if (isSharedSuffix(host)) return `anybody can get a page under ${host}: name yours, as in https://mine.${host}`
  return undefined
}

function schemeProblem({ scheme, host, starred, origin }: Read, insecure: boolean): string | undefined {
  if (scheme === 'https') return insecure ? `"insecure:" is for http: write ${origin}` : undefined
  if (insecure || (!starred && isLoopback(host))) return undefined
  const secure = origin.replace('http:', 'https:')
  return `http pages can be changed by anyone on their way: write ${secure}, or insecure:${origin} if that is accepted`
}

function spareProblem({ origin, spare }: Read, insecure: boolean): string | undefined {
  if (!spare) return undefined
  const meant = insecure ? `insecure:${origin}` : origin
  return didYouMean(meant, spare === 'userinfo' ? 'a user name or password is no part of an origin' : undefined)
}

/** Suggests only what would be taken; otherwise says what is wrong with that too. */
function didYouMean(origin: string, why?: string): string {
  const guess = parseOrigin(origin)
  if (!guess.ok) return guess.problem
  return `${why === undefined ? '' : `${why}: `}did you mean ${origin}`
}

/** Suffixes under which strangers share a domain. The whole Public Suffix List is 300 kB; these are the ones people try. */
const sharedHosting = new Set([
  'amazonaws.com',
  'appspot.com',
  'azurewebsites.net',
  'cloudfront.net',
  'fly.dev',
  'github.io',
  'gitlab.io',
  'herokuapp.com',
  'netlify.app',
  'ngrok.io',
  'ngrok-free.app',
  'onrender.com',
  'pages.dev',
  'surge.sh',
  'trycloudflare.com',
  'vercel.app',
  'web.app',
  'workers.dev',
])

function isSharedSuffix(host: string): boolean {
  return sharedHosting.has(host) || /^(?:ac|co|com|edu|gov|net|org)\.[a-z]{2}$/.test(host)
}
