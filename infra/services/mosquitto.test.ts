// Shows that the test broker carries messages, can be killed and restarted, and leaves nothing behind.

import mqtt from 'mqtt'
import { describe, expect, it } from 'vitest'
import { available } from './available.ts'
import { startMosquitto } from './mosquitto.ts'

describe.skipIf(!available('mosquitto'))('the test broker', () => {
  it('carries a message, also after a kill and a restart', async () => {
    const broker = await startMosquitto()
    try {
      expect(await roundTrip(broker.url)).toBe('21.5')
      await broker.kill()
      await expect(mqtt.connectAsync(broker.url, { reconnectPeriod: 0 })).rejects.toThrow('ECONNREFUSED')
      await broker.restart()
      expect(await roundTrip(broker.url)).toBe('21.5')
    } finally {
      await broker.stop()
    }
    await expect(mqtt.connectAsync(broker.url, { reconnectPeriod: 0 })).rejects.toThrow('ECONNREFUSED')
  })

  it('says what the broker said when it cannot start', async () => {
    await expect(startMosquitto({ config: ['no_such_setting true'] })).rejects.toThrow('no_such_setting')
  })
})

async function roundTrip(url: string): Promise<string> {
  const client = await mqtt.connectAsync(url)
  await client.subscribeAsync('t')
  const arrived = new Promise<string>((resolve) =>
    client.once('message', (_topic, payload) => resolve(String(payload))),
  )
  await client.publishAsync('t', '21.5', { qos: 1 })
  const payload = await arrived
  await client.endAsync()
  return payload
}
