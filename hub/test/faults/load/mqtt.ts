// A device on MQTT, QoS 1: the PUBACK is its acknowledgement, and a connection that ends instead is its refusal.

import mqtt from 'mqtt'
import { type OpenSender, wireReadings } from './sender.ts'

export function mqttSender(broker: { port: number; password?: () => string }): OpenSender {
  return async ({ device, stream }) => {
    // What was not acknowledged is sent again by the device itself, so a connection keeps nothing of the one before.
    const client = mqtt.connect({
      host: '127.0.0.1',
      port: broker.port,
      clientId: `${device}-${stream}`,
      username: device,
      ...(broker.password && { password: broker.password() }),
      reconnectPeriod: 0,
      clean: true,
    })
    const closed = new Promise<never>((_, reject) => {
      client.on('close', () => reject(new Error('closed')))
    })
    closed.catch(() => {})
    client.on('error', () => client.end(true))
    await Promise.race([new Promise((resolve) => client.once('connect', resolve)), closed])

    return {
      async send({ readings }) {
        const payload = JSON.stringify(wireReadings(readings))
        await Promise.race([client.publishAsync(`telehub/v1/${device}/telemetry`, payload, { qos: 1 }), closed])
        return 'ack'
      },
      close: () => void client.end(true),
    }
  }
}
