// One session of the embedded broker: whose it is, what waits for an acknowledgement, and the links it gives.

import type { Client } from 'aedes'
import type { Caller } from '../../core/access/keys.ts'
import type { Log } from '../../core/ports.ts'
import type { DeviceCommand } from '../../protocol/index.ts'
import { createDeviceLinks, type DeviceLinks } from './device-links.ts'
import { createHeldAcks, type HeldAcks } from './held-acks.ts'
import type { Core } from './inbox.ts'
import { commandTopic } from './topics.ts'

export interface Session {
  readonly caller: Caller
  readonly acks: HeldAcks
  readonly links: DeviceLinks
  /** The filters that were granted. */
  readonly filters: Set<string>
  /** Subscriptions refused so far. */
  refusals: number
}

/** A peer that reads nothing is given up when this much waits for it. */
const maxUnsentBytes = 1_048_576

export function openSession({
  client,
  caller,
  devices,
  log,
}: {
  client: Client
  caller: Caller
  devices: Core['devices']
  log: Log
}): Session {
  function send(device: string, command: DeviceCommand, qos: 0 | 1) {
    if (client.closed) throw new Error('the session is closed')
    if (client.conn.writableLength > maxUnsentBytes) {
      client.close()
      throw new Error('the session does not read')
    }
    // To this connection and no other: the broker's own routing would keep it for a session that is away.
    client.publish(
      {
        cmd: 'publish',
        topic: commandTopic(device, command.id),
        payload: JSON.stringify(command),
        qos,
        retain: false,
        dup: false,
      },
      (error) => error && log.warn('command not sent', { device, command: command.id, reason: error.message }),
    )
  }

  function end(reason: string) {
    log.info('mqtt session ended', { key: caller.keyId, device: caller.device, reason })
    client.close()
  }

  const links = createDeviceLinks({ devices, shared: caller.kind === 'gateway', send, end, log })
  return { caller, acks: createHeldAcks(), links, filters: new Set(), refusals: 0 }
}
