// The HTTP side of the hub: the front door, one file per resource behind it, and one place where errors become answers.

import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { HubError } from '../../core/errors.ts'
import { asyncapiOf } from './asyncapi.ts'
import type { Endpoint } from './endpoint.ts'
import { frontDoor } from './front-door.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { mount } from './mount.ts'
import { openapiOf } from './openapi.ts'
import type { HttpParts } from './parts.ts'
import { hubErrorOf, sendProblem, statusOf } from './problem.ts'
import { createRates } from './rates.ts'
import { createRefusalLog } from './refusal-log.ts'
import { auditRoutes } from './routes/audit.ts'
import { commandRoutes } from './routes/commands.ts'
import { deadLetterRoutes } from './routes/dead-letters.ts'
import { deviceRoutes } from './routes/devices.ts'
import { historyRoutes } from './routes/history.ts'
import { keyRoutes } from './routes/keys.ts'
import { metaRoutes } from './routes/meta.ts'
import { originRoutes } from './routes/origins.ts'
import { readingsRoutes } from './routes/readings.ts'
import { statsRoutes } from './routes/stats.ts'
import { ticketRoutes } from './routes/tickets.ts'

const apiVersion = '1'

export function createHttpApp(parts: HttpParts): Express {
  const metrics = createMetrics(parts.status)
  const rates = createRates(parts.budgets)
  const documents = {
    openapi: once(() => openapiOf(endpoints, apiVersion)),
    asyncapi: once(() => asyncapiOf(apiVersion)),
  }
  const endpoints: readonly Endpoint[] = [
    ...readingsRoutes(parts),
    ...deviceRoutes(parts),
    ...historyRoutes(parts),
    ...commandRoutes(parts),
    ...originRoutes(parts.access),
    ...ticketRoutes(parts.access),
    ...keyRoutes(parts.access),
    ...statsRoutes(parts),
    ...deadLetterRoutes(parts),
    ...auditRoutes(parts),
    ...metaRoutes({ ...parts, metrics, documents }),
  ]

  const app = express()
  app.disable('x-powered-by')
  app.set('etag', false)
  app.enable('case sensitive routing')
  app.enable('strict routing')
  app.use(...frontDoor(parts.access))
  for (const [path, ofPath] of groupByPath(endpoints)) {
    const route = app.route(path)
    for (const endpoint of ofPath) route[endpoint.method](mount(endpoint, rates, parts))
    route.all(otherMethod(ofPath))
  }
  app.use(() => {
    throw new HubError('not-found', 'There is nothing here; /openapi.json lists what there is.')
  })
  app.use(answerErrors(createRefusalLog(parts), metrics.problem))
  return app
}

/** Express writes `:id` where OpenAPI writes `{id}`. */
function groupByPath(endpoints: readonly Endpoint[]): Map<string, Endpoint[]> {
  const groups = new Map<string, Endpoint[]>()
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/\{(\w+)\}/g, ':$1')
    groups.set(path, [...(groups.get(path) ?? []), endpoint])
  }
  return groups
}

function otherMethod(endpoints: readonly Endpoint[]): RequestHandler {
  const allowed = endpoints.map(({ method }) => method.toUpperCase()).join(', ')
  return (_req, res) => {
    res.setHeader('Allow', allowed)
    throw new HubError('method-not-allowed', `Here only ${allowed} can be used.`)
  }
}

function answerErrors(log: ReturnType<typeof createRefusalLog>, count: Metrics['problem']): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    const known = hubErrorOf(error)
    count(statusOf(known.code), known.code)
    log(known, req)
    sendProblem(res, known)
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
