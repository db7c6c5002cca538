// About the hub itself: alive, ready, measured, described, and the client it hands to pages.

import { Health, Readiness } from '../../../protocol/index.ts'
import { type Endpoint, openEndpoint } from '../endpoint.ts'
import type { Metrics } from '../metrics.ts'
import type { HttpParts } from '../parts.ts'

export interface Documents {
  /** Made at the first call, then kept: nothing in them changes while the hub runs. */
  openapi(): unknown
  asyncapi(): unknown
}

export function metaRoutes({
  status,
  clientFile,
  metrics,
  documents,
}: Pick<HttpParts, 'status' | 'clientFile'> & { metrics: Metrics; documents: Documents }): Endpoint[] {
  return [
    openEndpoint({
      method: 'get',
      path: '/healthz',
      summary: 'The process is alive.',
      may: 'anyone',
      answers: { 200: Health },
      handle: async () => ({ status: 200, body: { alive: true } }),
    }),
    openEndpoint({
      method: 'get',
      path: '/readyz',
      summary: 'Each thing the hub depends on; 503 when one is missing.',
      may: 'anyone',
      answers: { 200: Readiness, 503: Readiness },
      async handle() {
        const readiness = await status.ready()
        return { status: readiness.ready ? 200 : 503, body: readiness }
      },
    }),
    openEndpoint({
      method: 'get',
      path: '/metrics',
      summary: 'Figures for Prometheus.',
      may: 'anyone',
      answers: { 200: 'text/plain' },
      handle: async () => ({ status: 200, text: { type: metrics.contentType, chunks: [await metrics.text()] } }),
    }),
    openEndpoint({
      method: 'get',
      path: '/openapi.json',
      summary: 'This document (OpenAPI 3.1).',
      may: 'anyone',
      answers: { 200: 'application/json' },
      handle: async () => ({ status: 200, body: documents.openapi() }),
    }),
    openEndpoint({
      method: 'get',
      path: '/asyncapi.json',
      summary: 'The WebSocket and MQTT messages (AsyncAPI 3.0).',
      may: 'anyone',
      answers: { 200: 'application/json' },
      handle: async () => ({ status: 200, body: documents.asyncapi() }),
    }),
    openEndpoint({
      method: 'get',
      path: '/client.js',
      summary: 'The browser client as one ES module, for pages of allowed origins.',
      may: 'anyone',
      answers: { 200: 'text/javascript' },
      handle: async () => ({ status: 200, file: { type: 'text/javascript; charset=utf-8', path: clientFile } }),
    }),
  ]
}
