// A device on a WebSocket: many messages under way, acknowledged by their seq.

import { WebSocket } from 'ws'
import { type Answer, type OpenSender, wireReadings } from './sender.ts'

type FromHub = { type: string; seq: number; code?: string }

export function wsSender(hub: { url: string; key(kind: 'gateway'): string }): OpenSender {
  return async ({ device, stream }) => {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/ws/device`, ['telehub.v1.json'], {
      headers: { authorization: `Bearer ${hub.key('gateway')}` },
    })
    const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()

    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('closed')))
      socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', device, stream })))
      socket.on('message', (data) => {
        const message: FromHub = JSON.parse(String(data))
        if (message.type === 'welcome') return resolve()
        const waiter = waiting.get(message.seq)
        waiting.delete(message.seq)
        if (message.type === 'ack') waiter?.resolve('ack')
        if (message.type === 'nack') waiter?.resolve({ refused: message.code ?? '' })
      })
    })
    socket.on('close', () => {
      for (const { reject } of waiting.values()) reject(new Error('closed'))
      waiting.clear()
    })

    return {
      send: ({ seq, readings }) =>
        new Promise((resolve, reject) => {
          if (socket.readyState !== socket.OPEN) return reject(new Error('closed'))
          waiting.set(seq, { resolve, reject })
          socket.send(JSON.stringify({ type: 'readings', seq, readings: wireReadings(readings) }))
        }),
      close: () => socket.terminate(),
    }
  }
}
