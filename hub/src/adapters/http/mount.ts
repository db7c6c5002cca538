// Runs one endpoint for one request: caller, grant, query, body, handler, audit, answer, in this order.

import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Request, RequestHandler, Response } from 'express'
import { allow } from '../../core/access/grants.ts'
import type { Caller } from '../../core/access/keys.ts'
import { readBearer } from '../../core/access/request-head.ts'
import { decode, refuseOddMembers } from '../../core/decode.ts'
import { HubError } from '../../core/errors.ts'
import { limits, ReadingsRequest } from '../../protocol/index.ts'
import { readJson } from './body.ts'
import type { Answer, Call, Endpoint, GuardedEndpoint, OpenCall } from './endpoint.ts'
import { type Visit, visitOf } from './front-door.ts'
import type { HttpParts } from './parts.ts'
import { hubErrorOf } from './problem.ts'
import type { Rates } from './rates.ts'

export function mount(
  definition: Endpoint,
  rates: Rates,
  parts: Pick<HttpParts, 'access' | 'audit' | 'clock' | 'log'>,
): RequestHandler {
  return async (req, res) => {
    const visit = visitOf(res)
    if (definition.may === 'anyone') {
      await rates.open(addressOf(req))
      return send(res, await definition.handle(await callOf(definition, req, visit, 0)))
    }
    const caller = await callerOf(req)
    return send(res, await audited(definition, req, visit, caller))
  }

  async function callerOf(req: Request): Promise<Caller> {
    try {
      const key = readBearer(req.rawHeaders)
      if (key === undefined) throw new HubError('bearer-required', 'Send a key as "Authorization: Bearer <key>".')
      const caller = parts.access.keys.verify(key)
      await rates.request(caller.kind, caller.keyId)
      return caller
    } catch (error) {
      if (error instanceof HubError && error.code !== 'too-fast') await rates.stranger(addressOf(req))
      throw error
    }
  }

  async function audited(guarded: GuardedEndpoint, req: Request, visit: Visit, caller: Caller): Promise<Answer> {
    if (guarded.audit === undefined) return carriedOut(guarded, req, visit, caller)
    try {
      const answer = await carriedOut(guarded, req, visit, caller)
      await note(guarded.audit, caller, visit, answer.target ?? targetOf(req), 'ok')
      return answer
    } catch (error) {
      const { code, message } = hubErrorOf(error)
      await note(guarded.audit, caller, visit, targetOf(req), code, message)
      throw error
    }
  }

  async function carriedOut(guarded: GuardedEndpoint, req: Request, visit: Visit, caller: Caller): Promise<Answer> {
    if (guarded.may === 'ingest' && visit.origin !== undefined)
      throw new HubError('browser-on-device-endpoint', 'Readings come from devices; a page cannot send them.')
    allow(caller, guarded.may, visit.grant)
    if (guarded.may === 'command') await rates.command(caller.keyId)
    const maxBytes = caller.kind === 'gateway' ? limits.gatewayBodyBytes : limits.bodyBytes
    const by = {
      key: caller.keyId,
      name: caller.name,
      kind: caller.kind,
      ...(visit.origin !== undefined && { origin: visit.origin }),
    }
    return guarded.handle({ ...(await callOf(guarded, req, visit, maxBytes)), caller, by } satisfies Call)
  }

  /** The deed is done by then; an audit that cannot be written is for the log to shout about, not for the caller to repeat. */
  async function note(
    action: string,
    caller: Caller,
    { origin }: Visit,
    target: string | undefined,
    result: string,
    detail?: string,
  ) {
    const entry = { at: parts.clock.now(), actor: caller.keyId, origin, action, target, result, detail }
    await parts.audit.append(entry).catch((error: unknown) => parts.log.error('audit not kept', { ...entry, error }))
  }
}

async function callOf(definition: Endpoint, req: Request, visit: Visit, maxBytes: number): Promise<OpenCall> {
  const query = definition.query && decode(definition.query, { ...req.query }, 'query', 'bad-request')
  const body = definition.body && decode(definition.body, await bodyOf(definition, req, maxBytes), 'body')
  return {
    params: req.params as Record<string, string>,
    query,
    body,
    url: req.originalUrl,
    origin: visit.origin,
    grant: visit.grant,
    header: (name) => req.get(name),
  }
}

async function bodyOf({ body }: Endpoint, req: Request, maxBytes: number): Promise<unknown> {
  const input = await readJson(req, maxBytes)
  // Metric names are judged by intake, each on its own and in the same words on all transports.
  if (body !== ReadingsRequest) refuseOddMembers(input)
  return input
}

function addressOf(req: Request): string {
  return req.socket.remoteAddress ?? 'unknown'
}

function targetOf(req: Request): string | undefined {
  return Object.values(req.params).map(String).join(' ') || undefined
}

async function send(res: Response, { status, headers = {}, body, text, file }: Answer): Promise<void> {
  res.status(status)
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  if (file) return sendFile(res, file)
  if (text) return stream(res, text)
  if (body === undefined) return void res.end()
  const json = JSON.stringify(body)
  res.setHeader('Content-Type', 'application/json')
  res.setHeader('Content-Length', Buffer.byteLength(json))
  res.end(res.req.method === 'HEAD' ? undefined : json)
}

async function sendFile(res: Response, { type, path }: NonNullable<Answer['file']>): Promise<void> {
  res.setHeader('Content-Type', type)
  // Kept by browsers, and asked about each time, so that a page never runs an older client than the hub's.
  res.setHeader('Cache-Control', 'no-cache')
  const options = { cacheControl: false, dotfiles: 'allow' } as const
  const error = await new Promise<Error | undefined>((resolve) => res.sendFile(path, options, resolve))
  if (error && !res.headersSent && !res.destroyed)
    throw new HubError('not-found', 'This file is not built yet: npm run build.', { cause: error })
}

async function stream(res: Response, { type, chunks }: NonNullable<Answer['text']>): Promise<void> {
  res.setHeader('Content-Type', type)
  // A reader that goes away is the usual end of a download; pipeline cleans up after it.
  await pipeline(Readable.from(chunks), res).catch(() => res.destroy())
}
