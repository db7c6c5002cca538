// What the broker remembers of a session that is not connected: what it had subscribed to, and nothing else.

import { Readable } from 'node:stream'
import type { Client, Subscription } from 'aedes'
import { parseCommandsFilter } from './topics.ts'

/** Past this the session that came longest ago is forgotten, and has to subscribe again. */
const maxSessions = 10_000

/**
 * The persistence that aedes asks for. It queues no message for anybody: commands wait in the hub's own records, with
 * their deadline, and a second queue here would deliver them twice or too late. Nothing is retained either, because no one
 * but the hub reads what devices publish. Lives as long as the process, as MQTT 3.1.1 §4.1 allows.
 */
export function createSessionStore() {
  const subscriptions = new Map<string, Map<string, Subscription>>()
  const nothing = async () => {}
  const empty = () => Readable.from([])

  return {
    async setup() {},

    async subscriptionsByClient({ id }: Pick<Client, 'id'>): Promise<Subscription[]> {
      return [...(subscriptions.get(id)?.values() ?? [])]
    },
    async addSubscriptions({ id }: Pick<Client, 'id'>, wanted: readonly Subscription[]) {
      const kept = subscriptions.get(id) ?? new Map<string, Subscription>()
      // aedes hands over the refused ones too.
      for (const { topic, qos } of wanted) if (parseCommandsFilter(topic)) kept.set(topic, { topic, qos })
      subscriptions.delete(id)
      subscriptions.set(id, kept)
      if (subscriptions.size > maxSessions) subscriptions.delete(subscriptions.keys().next().value as string)
    },
    async removeSubscriptions({ id }: Pick<Client, 'id'>, topics: readonly string[]) {
      const kept = subscriptions.get(id)
      for (const topic of topics) kept?.delete(topic)
      if (kept?.size === 0) subscriptions.delete(id)
    },
    async cleanSubscriptions({ id }: Pick<Client, 'id'>) {
      subscriptions.delete(id)
    },
    subscriptionsByTopic: async () => [],

    outgoingEnqueue: nothing,
    outgoingEnqueueCombi: nothing,
    outgoingUpdate: nothing,
    outgoingClearMessageId: nothing,
    outgoingStream: empty,

    storeRetained: nothing,
    createRetainedStreamCombi: empty,

    // A last will is held by its connection; there is no second broker to send it in our place.
    putWill: nothing,
    delWill: nothing,
    streamWill: empty,

    // QoS 2 is not offered; a stray PUBREL finds no packet.
    async incomingGetPacket() {
      throw new Error('no such packet')
    },
    cleanIncoming: nothing,
  }
}
