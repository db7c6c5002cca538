// What every request passes before any handler: safe headers, a Host that is ours, no secret in the URL, an origin that is trusted.

import cors from 'cors'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import helmet from 'helmet'
import { readHead, refuseSecretInUrl } from '../../core/access/request-head.ts'
import { HubError } from '../../core/errors.ts'
import type { Role } from '../../protocol/index.ts'
import type { Access } from './parts.ts'

/** What the front door found out: the page that asks, and what it may do at most. */
export interface Visit {
  readonly origin?: string
  readonly grant?: Role
}

/** Answers any page about itself, so that one that is refused can learn why. */
export const originCheckPath = '/api/v1/origin-check'

const preflight = {
  methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
  allowedHeaders: ['Authorization', 'Content-Type', 'If-Match', 'Idempotency-Key', 'Prefer'],
  exposedHeaders: ['ETag', 'Link', 'Location', 'Preference-Applied', 'Retry-After', 'WWW-Authenticate'],
  maxAge: 600,
}
const forAnyone = cors({ origin: '*', methods: ['GET'], allowedHeaders: [], maxAge: 600 })

export function frontDoor(access: Pick<Access, 'origins' | 'refusals' | 'hosts'>): RequestHandler[] {
  return [safeHeaders, ownHost(access), trustedOrigin(access)]
}

export function visitOf(res: Response): Visit {
  return res.locals.visit as Visit
}

/** No HSTS and no upgrade-insecure-requests: a hub on a LAN speaks plain http, and they would lock browsers out of it. */
const safeHeaders: RequestHandler = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  strictTransportSecurity: false,
  // Who may read an answer is what CORS says here; a script tag may load client.js.
  crossOriginResourcePolicy: { policy: 'cross-origin' },
  // Both are ignored, with a warning in the browser's console, on a page that is not https.
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
})

function ownHost({ hosts }: Pick<Access, 'hosts'>): RequestHandler {
  return (req, res, next) => {
    res.setHeader('Cache-Control', 'no-store')
    res.setHeader('Vary', 'Origin')
    const { host } = readHead(req.rawHeaders)
    if (!hosts.allows(host))
      throw new HubError('host-not-allowed', 'This hub is not known by that name; TELEHUB_HOSTS adds names.')
    refuseSecretInUrl(req.url)
    next()
  }
}

function trustedOrigin({ origins, refusals }: Pick<Access, 'origins' | 'refusals'>): RequestHandler {
  return (req: Request, res: Response, next: NextFunction) => {
    const isPreflight = req.method === 'OPTIONS'
    if (isPreflight) res.setHeader('Vary', 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers')
    const { origin } = req.headers
    res.locals.visit = {} satisfies Visit
    // No browser: nothing here is done for a program without a key of its own.
    if (origin === undefined) return next()

    const verdict = origins.judge(origin)
    if (!verdict.allowed)
      refusals.record({
        origin,
        where: isPreflight ? 'preflight' : 'http',
        code: verdict.code,
        ...(verdict.fix && { fix: verdict.fix }),
      })
    else res.locals.visit = { origin: verdict.origin, ...(verdict.grant && { grant: verdict.grant }) } satisfies Visit

    if (req.path === originCheckPath) return forAnyone(req, res, next)
    // CORS alone only hides the answer from the page; the request would have been carried out.
    if (!verdict.allowed) throw new HubError(verdict.code, verdict.detail)
    cors({ ...preflight, origin: verdict.origin })(req, res, next)
  }
}
