// A device that posts: one request a message, and the answer is its acknowledgement.

import { Agent, request } from 'node:http'
import { type Answer, type OpenSender, wireReadings } from './sender.ts'

export function httpSender(hub: { url: string; key(kind: 'gateway'): string }): OpenSender {
  return async () => {
    const agent = new Agent({ keepAlive: true })
    return {
      send: ({ device, readings }) =>
        new Promise((resolve, reject) => {
          const headers = { authorization: `Bearer ${hub.key('gateway')}`, 'content-type': 'application/json' }
          const posting = request(`${hub.url}/api/v1/readings`, { method: 'POST', agent, headers }, (response) => {
            let body = ''
            response.setEncoding('utf8')
            response.on('data', (chunk) => {
              body += chunk
            })
            response.on('error', reject)
            response.on('end', () => resolve(answerOf(response.statusCode, body)))
          })
          posting.on('error', reject)
          posting.end(JSON.stringify({ device, readings: wireReadings(readings) }))
        }),
      close: () => agent.destroy(),
    }
  }
}

function answerOf(status: number | undefined, body: string): Answer {
  const { durable, code = String(status) } = JSON.parse(body)
  return status === 200 && durable === 'disk' ? 'ack' : { refused: code }
}
