// One connection to an outside broker, from CONNECT to its end; nothing of it is carried over into the next.

import mqtt from 'mqtt'
import type { Clock, Log } from '../../core/ports.ts'
import type { DeviceCommand } from '../../protocol/index.ts'
import type { BridgeAddress } from './bridge-url.ts'
import { createDeviceLinks } from './device-links.ts'
import type { FirstArrivals } from './first-arrivals.ts'
import { createHeldAcks } from './held-acks.ts'
import type { Circumstances, Core, Inbox } from './inbox.ts'
import { commandTopic, deviceTopicFilters, parseDeviceTopic } from './topics.ts'

export interface BridgeSession {
  readonly connected: boolean
  close(): Promise<void>
}

/** Past this many bytes on their way to the journal nothing more is read from the broker, until some have arrived. */
const maxBytesUnderway = 8 * 1_048_576
/** How long a broker keeps messages for a hub that is away. MQTT 5 is asked; with 3.1.1 the broker decides. */
const sessionExpiryS = 7 * 24 * 3_600

export function openBridgeSession({
  address,
  version,
  inbox,
  firstArrival,
  devices,
  clock,
  log,
  ended,
}: {
  address: BridgeAddress
  version: 4 | 5
  inbox: Inbox
  firstArrival: FirstArrivals
  devices: Core['devices']
  clock: Pick<Clock, 'now'>
  log: Log
  /** Called once, whatever the end was. */
  ended: (reason: string, code?: number | string) => void
}): BridgeSession {
  const { url, clientId, username, password } = address
  const client = mqtt.connect(url, {
    clientId,
    username,
    password,
    protocolVersion: version,
    clean: false,
    // Its own reconnecting would keep commands and send them again later; ours starts afresh (bridge.ts).
    reconnectPeriod: 0,
    ...(version === 5 && { properties: { sessionExpiryInterval: sessionExpiryS } }),
  })

  const acks = createHeldAcks()
  // The device's own connection is the broker's, not ours to end.
  const links = createDeviceLinks({ devices, shared: true, send, end() {}, log })
  links.subscribed('+', 1)
  // Through a broker any message may be days old; only a device that says `online` is there to take commands.
  const ears = { ...links, heard() {} }
  let ready = false
  let over: Promise<void> | undefined
  let bytesUnderway = 0
  let readOn: (() => void) | undefined
  let unsentAcks: number[] = []

  /**
   * MQTT.js handles one message after the other and sends PUBACK when this calls back; waiting for the disk here would
   * cost an fsync each. Called back with an error it goes on at once and sends none: then ours leave later, in order and
   * together, once the journal has what they stand for.
   */
  client.handleMessage = (packet, callback) => {
    const { topic, payload, qos, retain, messageId } = packet
    const release = acks.hold()
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
    bytesUnderway += bytes.byteLength
    const firstAt = qos > 0 ? firstArrival(clientId, packet, bytes) : undefined
    receive(topic, bytes, { retained: retain, firstAt })
      .then(
        () => release(() => qos > 0 && acknowledge(messageId)),
        // Unacknowledged, the broker keeps it, and sends it again to a new connection only (MQTT 3.1.1 §4.4).
        () => (qos > 0 ? end('the journal refuses') : release(() => {})),
      )
      .finally(() => arrived(bytes.byteLength))
    const next = () => callback(qos > 0 ? acknowledgedLater : undefined)
    if (bytesUnderway <= maxBytesUnderway) next()
    else readOn = next
  }

  async function receive(topic: string, payload: Uint8Array, circumstances: Circumstances): Promise<void> {
    const parsed = parseDeviceTopic(topic)
    if (parsed) await inbox.take(parsed, payload, ears, circumstances)
    else log.debug('message on a topic that is not of the protocol', { topic })
  }

  function arrived(bytes: number) {
    bytesUnderway -= bytes
    if (bytesUnderway > maxBytesUnderway || !readOn) return
    const next = readOn
    readOn = undefined
    next()
  }

  function acknowledge(messageId = 0) {
    if (unsentAcks.push(messageId) === 1) queueMicrotask(sendAcks)
  }

  /** PUBACK is the same four bytes in MQTT 3.1.1 (§3.4) and, for success, in MQTT 5 (§3.4.2.1). */
  function sendAcks() {
    const bytes = Buffer.alloc(unsentAcks.length * 4)
    unsentAcks.forEach((messageId, i) => {
      bytes.writeUInt16BE(0x4002, i * 4)
      bytes.writeUInt16BE(messageId, i * 4 + 2)
    })
    unsentAcks = []
    if (!over) client.stream.write(bytes)
  }

  function send(device: string, command: DeviceCommand) {
    if (!client.connected) throw new Error('the outside broker is not connected')
    const leftS = Math.max(1, Math.ceil((command.expiresAt - clock.now()) / 1000))
    client.publish(
      commandTopic(device, command.id),
      JSON.stringify(command),
      // With MQTT 5 the broker itself drops a command for which its device comes back too late.
      { qos: 1, ...(version === 5 && { properties: { messageExpiryInterval: leftS } }) },
      (error, packet) => {
        const unheard = (packet as { reasonCode?: number } | undefined)?.reasonCode === noMatchingSubscribers
        const reason = unheard ? 'nobody has subscribed to it' : error?.message
        if (reason) log.warn('command not sent', { device, command: command.id, reason })
      },
    )
  }

  function end(reason: string, code?: number | string) {
    if (over) return
    ready = false
    acks.drop()
    links.close()
    over = client.endAsync(true)
    ended(reason, code)
  }

  client.on('connect', () => {
    client.subscribe([...deviceTopicFilters], { qos: 1 }, (error, _granted, suback) => {
      if (over) return
      const refused = deviceTopicFilters.filter((_filter, i) => Number(suback?.granted[i]) >= 128)
      if (error && refused.length === 0) return end(error.message)
      if (refused.length > 0) log.error('the outside broker refuses subscriptions', { broker: url, refused })
      ready = true
      log.info('outside broker connected', { broker: url, mqtt: version === 5 ? '5' : '3.1.1' })
    })
  })
  client.on('error', (error: Error & { code?: number | string }) =>
    end(error.message || String(error.code), error.code),
  )
  client.on('close', () => end('closed'))

  return {
    get connected() {
      return ready
    },
    async close() {
      end('going away')
      await over
    },
  }
}

/** MQTT 5 §3.4.2.1 */
const noMatchingSubscribers = 0x10
const acknowledgedLater = new Error('acknowledged later')
