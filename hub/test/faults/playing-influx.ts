// A small HTTP server that plays InfluxDB 2, for the faults that no real one can be made to show.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Value } from '../../src/protocol/index.ts'
import type { Reading } from './history.ts'

export interface Write {
  /** By performance.now(). */
  readonly at: number
  readonly readings: readonly Reading[]
  readonly response: ServerResponse
  /** Takes the readings, as InfluxDB does before it answers. */
  keep(): void
}

export interface PlayingInflux {
  /** What the hub is told, without the prefix. */
  readonly environment: Record<string, string>
  /** Every write so far. */
  readonly writes: readonly Write[]
  /** What is done with the next writes; `keepAndConfirm` until something else is said. */
  behave(behaviour: Behaviour): void
  /** What it has: one value a device, metric and time, the last one that came. */
  held(): Reading[]
  /** Nobody listens on its port any more, and all connections break. */
  goAway(): Promise<void>
  comeBack(): Promise<void>
  close(): Promise<void>
}

type Behaviour = (write: Write) => void

export const keepAndConfirm: Behaviour = ({ keep, response }) => {
  keep()
  response.writeHead(204).end()
}

/** Refuses each write with this answer. */
export function answer(status: number, headers: Record<string, string> = {}, body = ''): Behaviour {
  return ({ response }) => void response.writeHead(status, headers).end(body)
}

export async function startPlayingInflux(): Promise<PlayingInflux> {
  const writes: Write[] = []
  const points = new Map<string, Reading>()
  let behaviour = keepAndConfirm
  let port = 0

  async function serve(request: IncomingMessage, response: ServerResponse) {
    let body = ''
    for await (const chunk of request) body += chunk
    response.on('error', () => {})
    if (!request.url?.startsWith('/api/v2/write')) return answerQuery(body, response)
    const readings = body.split('\n').flatMap(readLine)
    const write: Write = {
      at: performance.now(),
      readings,
      response,
      keep() {
        for (const reading of readings) points.set(`${reading.device} ${reading.metric} ${reading.at}`, reading)
      },
    }
    writes.push(write)
    behaviour(write)
  }

  const server = createServer((request, response) => {
    // A hub that is killed breaks its request in the middle.
    serve(request, response).catch(() => {})
  })
  async function comeBack() {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    port = (server.address() as AddressInfo).port
  }
  async function goAway() {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  await comeBack()

  return {
    environment: { INFLUX_URL: `http://127.0.0.1:${port}`, INFLUX_TOKEN: 'token', INFLUX_ORG: 'org' },
    writes,
    behave(next) {
      behaviour = next
    },
    held: () => [...points.values()],
    goAway,
    comeBack,
    close: goAway,
  }
}

/** It knows no series: the hub then asks its own records for types. */
function answerQuery(body: string, response: ServerResponse) {
  const statements = (new URLSearchParams(body).get('q') ?? '').split('; ')
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ results: statements.map((_, i) => ({ statement_id: i })) }))
}

/** `telemetry,device=by-ws n=1.5,word="w1-2" 1700000000000`: the suite sends nothing that has to be escaped. */
function readLine(line: string): Reading[] {
  const [series = '', fields = '', at] = line.split(' ')
  const device = series.split('device=')[1]
  if (device === undefined) return []
  return fields.split(',').map((field) => {
    const [metric = '', text = ''] = field.split('=')
    return { device, metric, at: Number(at), value: parseValue(text) }
  })
}

function parseValue(text: string): Value {
  if (text.startsWith('"')) return text.slice(1, -1)
  if (text === 'true' || text === 'false') return text === 'true'
  return Number(text)
}
