// A peer that can say anything, for the tests of what the broker answers on the wire.

import { once } from 'node:events'
import { connect } from 'node:net'
import { generate, type IConnectPacket, type Packet, parser } from 'mqtt-packet'

export async function openWire(port: number) {
  const socket = connect(port, '127.0.0.1')
  const arrived: Packet[] = []
  const wanting: ((packet: Packet | 'closed') => void)[] = []
  const reader = parser({ protocolVersion: 4 })
  reader.on('packet', (packet: Packet) => {
    const want = wanting.shift()
    if (want) want(packet)
    else arrived.push(packet)
  })
  socket.on('data', (bytes) => reader.parse(bytes))
  socket.on('error', () => {})
  const closed = new Promise<'closed'>((resolve) => socket.once('close', () => resolve('closed')))
  closed.then(() => {
    for (const want of wanting.splice(0)) want('closed')
  })
  await once(socket, 'connect')

  return {
    socket,
    closed,
    send(...packets: Packet[]) {
      socket.write(Buffer.concat(packets.map((packet) => generate(packet))))
    },
    raw(bytes: Uint8Array | string) {
      socket.write(bytes)
    },
    /** The next packet, or `'closed'`. */
    async next(): Promise<Packet | 'closed'> {
      const packet = arrived.shift()
      if (packet) return packet
      if (socket.destroyed) return 'closed'
      return new Promise((resolve) => wanting.push(resolve))
    },
    end() {
      socket.destroy()
    },
  }
}

export type Wire = Awaited<ReturnType<typeof openWire>>

export function connectPacket(more: Partial<IConnectPacket> = {}): Packet {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: 'wire',
    keepalive: 60,
    ...more,
  }
}

export function publishPacket(topic: string, payload: string, messageId = 1): Packet {
  return { cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false }
}

export function subscribePacket(...topics: string[]): Packet {
  return { cmd: 'subscribe', messageId: 9, subscriptions: topics.map((topic) => ({ topic, qos: 1 as const })) }
}
