// Carries one device over MQTT 3.1.1: retained profile and status, telemetry at QoS 1, commands by subscription.

import { DeviceCommand, limits } from '@telehub/hub/protocol'
import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import type { Carrier, CarrierEvents, Connection, Message } from './carrier.ts'

export interface MqttOptions {
  /** The broker, `mqtt://` or `mqtts://`; user and password in it win over the key. */
  readonly url: string
  readonly key: string
}

const connectWithinMs = 10_000
const keepaliveS = 30
/** CONNACK return codes after which the broker would say the same again (MQTT 3.1.1 §3.2.2.3). */
const finalReturnCodes: readonly unknown[] = [1, 2, 4, 5]
const goodbyeWithinMs = 1_000

export function mqttCarrier({ url, key }: MqttOptions): Carrier {
  const broker = new URL(url)
  const given: IClientOptions = broker.username ? {} : { username: keyId(key), password: key }

  return ({ device, stream, profile }, events): Connection => {
    const topic = (rest: string) => `telehub/v1/${device}/${rest}`
    const status = { topic: topic('status'), retain: true, qos: 1 } as const
    const client = connect(url, {
      ...given,
      protocolVersion: 4,
      clientId: `${device}-${stream}`.slice(0, 64),
      clean: true,
      keepalive: keepaliveS,
      connectTimeout: connectWithinMs,
      // The link decides when to try again, and keeps what is not acknowledged itself.
      reconnectPeriod: 0,
      will: { ...status, payload: Buffer.from('offline') },
    })
    let reason: string | undefined
    let final = false

    client.on('connect', () => {
      join().catch((error: Error) => {
        reason ??= error.message
        client.end(true)
      })
    })
    client.on('message', (_topic, payload) => {
      const command = decode(payload)
      if (command) events.command(command)
    })
    client.on('error', (error) => {
      reason ??= error.message || 'the broker cannot be reached'
      final = 'code' in error && finalReturnCodes.includes(error.code)
    })
    client.on('close', () => {
      events.down(reason ?? 'the broker closed the connection', { final })
      client.end(true)
    })

    /** Who it is comes first: the hub should know a device before it is told that it can be reached. */
    async function join(): Promise<void> {
      await client.publishAsync(topic('profile'), JSON.stringify(profile), { qos: 1, retain: true })
      await client.subscribeAsync(topic('commands/+'), { qos: 1 })
      await client.publishAsync(status.topic, 'online', status)
      events.up(limits.inFlight)
    }

    return {
      transmit: (message) => publish(client, topic('telemetry'), message, events),
      reply: (reply) => client.publish(topic(`commands/${reply.id}/reply`), JSON.stringify(reply), { qos: 1 }),
      introduce: (changed) => client.publish(topic('profile'), JSON.stringify(changed), { qos: 1, retain: true }),
      abort: () => client.end(true),
      async goodbye() {
        const impatience = setTimeout(() => client.end(true), goodbyeWithinMs)
        // Saying so is needed: after a proper DISCONNECT the broker throws the last will away (MQTT 3.1.1 §3.14.4).
        if (client.connected) await client.publishAsync(status.topic, 'offline', status).catch(() => undefined)
        await client.endAsync().catch(() => undefined)
        clearTimeout(impatience)
      },
    }
  }
}

/** MQTT has no word for a rejected reading: a PUBACK acknowledges the message, and the hub counts what it refused. */
function publish(client: MqttClient, topic: string, { seq, readings }: Message, events: CarrierEvents): void {
  client.publish(topic, JSON.stringify(readings), { qos: 1 }, (error) => {
    if (!error) events.acked(seq, [])
  })
}

function decode(payload: Buffer): DeviceCommand | undefined {
  try {
    const command: unknown = JSON.parse(payload.toString())
    return DeviceCommand.safeParse({ type: 'command', ...(command as object) }).data
  } catch {
    return undefined
  }
}

/** `th_<kind>_<id>_<secret>`: brokers are told the id as the user name. */
function keyId(key: string): string {
  return key.split('_')[2] ?? key
}
