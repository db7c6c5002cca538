// The embedded broker: MQTT 3.1.1 over TCP for devices, so that a hub needs nothing else installed.

import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { Aedes } from 'aedes'
import type { Keys } from '../../core/access/keys.ts'
import type { Clock, Log, Records } from '../../core/ports.ts'
import { guardSocket } from './byte-guard.ts'
import { createComplaints } from './complaints.ts'
import { type Core, createInbox } from './inbox.ts'
import { createRefusals } from './refusals.ts'
import { createSessionStore } from './session-store.ts'
import { createSessions } from './sessions.ts'

const maxConnections = 10_000

/**
 * Listens; rejects with words for a person when the port is taken. `port` 0 chooses a free one. It carries nothing between clients: what devices
 * publish ends in the hub (PUBACK once the journal has it), what they receive comes from it. hub/decisions/0006-mqtt.md
 */
export async function startBroker({
  host,
  port,
  keys,
  clock,
  log,
  audit,
  ...core
}: Core & {
  host: string
  port: number
  keys: Pick<Keys, 'verify' | 'onRevoked'>
  clock: Clock
  log: Log
  audit?: Pick<Records['audit'], 'append'> | undefined
}): Promise<{ port: number; close(): Promise<void> }> {
  const inbox = createInbox({ ...core, complaints: createComplaints({ clock, log }) })
  const refuse = createRefusals({ clock, log, audit })
  const sessions = createSessions({ keys, inbox, devices: core.devices, refuse, clock, log })
  const aedes = await Aedes.createBroker({ ...sessions.hooks, persistence: createSessionStore() })

  aedes.on('subscribe', (subscriptions, client) => sessions.subscribed(client, subscriptions))
  aedes.on('unsubscribe', (topics, client) => sessions.unsubscribed(client, topics))
  aedes.on('clientReady', (client) => sessions.subscribed(client, subscriptionsOf(client)))
  aedes.on('clientError', (client, error) =>
    log.debug('mqtt session failed', { session: client.id, reason: error.message }),
  )
  aedes.on('connectionError', (_client, error) => log.debug('mqtt connection failed', { reason: error.message }))

  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    socket.on('error', (error) => log.debug('mqtt socket failed', { reason: error.message }))
    socket.setNoDelay(true)
    guardSocket(socket, {
      clock,
      open: () => aedes.handle(socket),
      closed: (reason) => log.warn('mqtt socket closed', { reason, address: socket.remoteAddress }),
    })
  })
  server.maxConnections = maxConnections
  await listen(server, { host, port }).catch((error) => {
    aedes.close()
    throw error
  })

  const stopListening = keys.onRevoked((keyId) => sessions.endKey(keyId))
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    /** Ends all sessions; what waits for the journal is not acknowledged any more. */
    async close() {
      stopListening()
      const closed = once(server, 'close')
      server.close()
      await new Promise<void>((resolve) => aedes.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

async function listen(server: Server, { host, port }: { host: string; port: number }) {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const taken = (cause as { code?: string }).code === 'EADDRINUSE'
    if (!taken) throw cause
    const words = `Port ${port} is taken. Free it, or set TELEHUB_MQTT_PORT to another one; 0 starts no broker.`
    throw new Error(words, { cause })
  }
}

/** `subscriptions` of aedes' client is not in its types. */
function subscriptionsOf(client: object): { topic: string; qos: 0 | 1 | 2 }[] {
  const { subscriptions } = client as { subscriptions: Record<string, { qos: 0 | 1 | 2 }> }
  return Object.entries(subscriptions).map(([topic, { qos }]) => ({ topic, qos }))
}
