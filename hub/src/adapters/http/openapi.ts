// The OpenAPI 3.1 document, made from the endpoints and schemas the hub itself uses, so that it cannot say anything else.

import { toJSONSchema } from 'zod'
import { Problem } from '../../protocol/index.ts'
import type { Endpoint } from './endpoint.ts'
import { createComponents } from './schemas.ts'

type Json = Record<string, unknown>
type Ref = ReturnType<typeof createComponents>['ref']

export function openapiOf(endpoints: readonly Endpoint[], version: string): Json {
  const { schemas, ref } = createComponents()
  const paths: Record<string, Json> = {}
  for (const endpoint of endpoints)
    paths[endpoint.path] = { ...paths[endpoint.path], [endpoint.method]: operationOf(endpoint, ref) }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Telehub',
      version,
      description: 'Telemetry of devices for browsers on other domains.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    paths,
    components: {
      schemas,
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'th_<kind>_<id>_<secret>' } },
      responses: {
        Problem: {
          description: 'What went wrong, with a stable code (RFC 9457).',
          content: { 'application/problem+json': { schema: ref(Problem) } },
        },
      },
    },
  }
}

function operationOf(endpoint: Endpoint, ref: Ref): Json {
  const { summary, may, body, answers } = endpoint
  const who = may === 'anyone' ? 'Needs no key.' : `Needs a key that may ${may}.`
  return {
    operationId: operationIdOf(endpoint),
    summary,
    description: who,
    security: may === 'anyone' ? [] : [{ key: [] }],
    parameters: [...pathParameters(endpoint.path), ...queryParameters(endpoint), ...headerParameters(endpoint)],
    ...(body && { requestBody: { required: true, content: { 'application/json': { schema: ref(body) } } } }),
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, responseOf(answer, ref)])),
      default: { $ref: '#/components/responses/Problem' },
    },
  }
}

/** `getDevicesIdReadings`: stable as long as the path is. */
function operationIdOf({ method, path }: Endpoint): string {
  const words = path.replace('/api/v1', '').split(/[^A-Za-z0-9]+/)
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters({ query }: Endpoint): Json[] {
  if (!query) return []
  const { properties = {}, required = [] } = toJSONSchema(query, { io: 'input', unrepresentable: 'any' })
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }))
}

function headerParameters({ headers = {} }: Endpoint): Json[] {
  return Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    description,
    schema: { type: 'string' },
  }))
}

function responseOf(answer: Endpoint['answers'][number], ref: Ref): Json {
  const forms = Array.isArray(answer) ? answer : [answer]
  if (forms.includes('nothing')) return { description: 'Done.' }
  const content = forms.map((form) =>
    typeof form === 'string'
      ? [form, { schema: form === 'application/json' ? {} : { type: 'string' } }]
      : ['application/json', { schema: ref(form) }],
  )
  return { description: 'As asked.', content: Object.fromEntries(content) }
}
