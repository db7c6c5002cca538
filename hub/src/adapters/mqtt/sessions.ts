// The door and the rules of the embedded broker: who gets a session, and what each may say and hear.

import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { AedesOptions, Client, Subscription } from 'aedes'
import type { Keys } from '../../core/access/keys.ts'
import { printable } from '../../core/access/printable.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { type ConnectVerdict, judgeConnect, ReturnCode, speaksFor } from './connect-rules.ts'
import { createFailedTries } from './failed-tries.ts'
import { createFirstArrivals } from './first-arrivals.ts'
import type { Core, Inbox } from './inbox.ts'
import type { Refusal } from './refusals.ts'
import { openSession, type Session } from './session.ts'
import { parseCommandsFilter, parseDeviceTopic } from './topics.ts'

type Hooks = Required<Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe'>>

const maxDeviceFilters = 16
const maxGatewayFilters = 1_024
/** Subscriptions refused in one session before it is closed. */
const maxRefusals = 1_000

export function createSessions({
  keys,
  inbox,
  devices,
  refuse,
  clock,
  log,
}: {
  keys: Pick<Keys, 'verify'>
  inbox: Inbox
  devices: Core['devices']
  refuse: (refusal: Refusal) => void
  clock: Clock
  log: Log
}) {
  const sessions = new Map<Client, Session>()
  const refused = new WeakMap<Client, ReturnCode>()
  const failedTries = createFailedTries({ clock })
  const firstArrival = createFirstArrivals({ clock })

  const hooks: Hooks = {
    /** Decides already here, where the whole packet is at hand; `authenticate` only hands over the answer. */
    preConnect(client, packet, callback) {
      const address = addressOf(client)
      const user = printable(packet.username ?? '', 64)
      const verdict = failedTries.mayTry(address, user) ? judgeConnect(packet, keys) : tooManyTries
      if (verdict.ok) {
        failedTries.succeeded(address, user)
        // Client ids are the sender's choice: within its key they name sessions, across keys they must not collide.
        packet.clientId = `${verdict.caller.keyId}/${packet.clientId || randomUUID()}`
        const session = openSession({ client, caller: verdict.caller, devices, log })
        sessions.set(client, session)
        // Not every connection gets as far as aedes' own events; every socket closes.
        client.conn.once('close', () => {
          session.links.close()
          sessions.delete(client)
        })
      } else {
        if (verdict.returnCode === ReturnCode.badUserNameOrPassword) failedTries.failed(address, user)
        refused.set(client, verdict.returnCode)
        refuse({ action: 'mqtt connect', code: verdict.code, by: address, target: user, detail: verdict.detail })
      }
      callback(null, true)
    },

    authenticate(client, _username, _password, callback) {
      if (sessions.has(client)) return callback(null, true)
      const returnCode = refused.get(client) ?? ReturnCode.notAuthorized
      callback(Object.assign(new Error('connect refused'), { returnCode }), false)
    },

    /** aedes sends PUBACK as soon as this calls back: all that an acknowledgement promises happens before. */
    authorizePublish(client, packet, callback) {
      const session = client && sessions.get(client)
      if (!session) return callback(new Error('no session'))
      const by = session.caller.keyId
      const topic = parseDeviceTopic(packet.topic)
      if (!topic || !speaksFor(session.caller, topic.device)) {
        const detail = 'Not a topic of this key.'
        refuse({ action: 'mqtt publish', code: 'foreign-device', by, target: packet.topic, detail })
        return callback(new Error('foreign topic'))
      }
      if (packet.qos === 2) {
        const detail = 'QoS 2 is not offered; use QoS 1.'
        refuse({ action: 'mqtt publish', code: 'bad-message', by, target: packet.topic, detail })
        return callback(new Error('QoS 2'))
      }
      packet.retain = false
      const release = session.acks.hold()
      const payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload
      const firstAt = packet.qos === 1 ? firstArrival(client.id, packet, payload) : undefined
      inbox.take(topic, payload, session.links, { firstAt }).then(
        () => release(() => callback(null)),
        (error) => {
          // QoS 0 was promised nothing. With QoS 1 the client keeps its message and sends it again to a new connection.
          if (packet.qos === 0) return release(() => callback(null))
          session.acks.drop()
          callback(error)
        },
      )
    },

    authorizeSubscribe(client, subscription, callback) {
      const session = sessions.get(client)
      if (!session) return callback(new Error('no session'))
      const { caller, filters } = session
      const filter = subscription.topic
      const target = parseCommandsFilter(filter)
      const own = target !== undefined && (caller.kind === 'gateway' || target === caller.device)
      const room = caller.kind === 'gateway' ? maxGatewayFilters : maxDeviceFilters
      if (own && (filters.has(filter) || filters.size < room)) {
        filters.add(filter)
        return callback(null, subscription)
      }
      const action = 'mqtt subscribe'
      if (own) refuse({ action, code: 'too-fast', by: caller.keyId, target: filter, detail: 'Too many subscriptions.' })
      else
        refuse({
          action,
          code: 'foreign-device',
          by: caller.keyId,
          target: filter,
          detail: 'Not commands of this key.',
        })
      if (++session.refusals > maxRefusals) return callback(new Error('too many refused subscriptions'))
      callback(null, null)
    },
  }

  return {
    hooks,

    /** After SUBACK, and after CONNACK for what a kept session had subscribed to. */
    subscribed(client: Client, subscriptions: readonly Pick<Subscription, 'topic' | 'qos'>[]) {
      const session = sessions.get(client)
      for (const { topic, qos } of subscriptions) {
        const target = parseCommandsFilter(topic)
        if (target && session?.filters.has(topic)) session.links.subscribed(target, qos === 0 ? 0 : 1)
      }
    },

    unsubscribed(client: Client, topics: readonly string[]) {
      const session = sessions.get(client)
      for (const topic of topics) {
        const target = parseCommandsFilter(topic)
        if (!session?.filters.delete(topic) || !target) continue
        // `commands/+` and `commands/#` ask for the same.
        const still = [...session.filters].some((filter) => parseCommandsFilter(filter) === target)
        if (!still) session.links.unsubscribed(target)
      }
    },

    /** Its key was revoked. */
    endKey(keyId: string) {
      for (const [client, { caller }] of sessions) {
        if (caller.keyId !== keyId) continue
        log.info('mqtt session ended', { key: keyId, device: caller.device, reason: 'revoked' })
        client.close()
      }
    },
  }
}

const tooManyTries: ConnectVerdict = {
  ok: false,
  returnCode: ReturnCode.notAuthorized,
  code: 'too-fast',
  detail: 'Too many wrong keys; wait.',
}

function addressOf(client: Client): string {
  return (client.conn as Socket).remoteAddress ?? ''
}
