// Turns the bytes of MQTT messages into what the core understands, or says in one code and sentence why not.

import { decode, parseJson, refuseOddMembers } from '../../core/decode.ts'
import { HubError } from '../../core/errors.ts'
import { limits, Profile, Reply } from '../../protocol/index.ts'

/**
 * Telemetry in one of its three forms: `{"at"?, "values": {…}}`, an array of those, or the metrics bare
 * (`{"temperature": 21.5}`, where an `at` beside them is their time). Returns entries `{at?, values}` for intake, which
 * judges each on its own, names included. HubError `too-large`, `too-deep`, `bad-json`, `bad-message`.
 */
export function decodeReadings(payload: Uint8Array): unknown[] {
  const message = readJson(payload)
  if (Array.isArray(message)) return message.map(readingOf)
  if (!isObject(message)) {
    throw new HubError(
      'bad-message',
      'Telemetry is {"at"?, "values": {…}}, an array of those, or {"<metric>": <value>}.',
    )
  }
  return [readingOf(message)]
}

/** HubError `too-large`, `too-deep`, `bad-json`, `bad-name`, `bad-message`. */
export function decodeProfile(payload: Uint8Array): Profile {
  const message = readJson(payload)
  refuseOddMembers(message)
  return decode(Profile, message, 'profile')
}

/** The reply to the command that the topic names. HubError `too-large`, `too-deep`, `bad-json`, `bad-name`, `bad-message`. */
export function decodeReply(payload: Uint8Array, command: string): Reply {
  const message = readJson(payload)
  refuseOddMembers(message)
  if (!isObject(message)) throw new HubError('bad-message', 'A reply is an object with a "state".')
  if (message.id !== undefined && message.id !== command) {
    throw new HubError('bad-message', 'The "id" of the reply is not that of its topic.')
  }
  return decode(Reply, { ...message, id: command }, 'reply')
}

/**
 * `online` or `offline`, as plain text or as a JSON string; no bytes at all, which clears a retained status, are
 * `offline`. HubError `bad-message`.
 */
export function decodeStatus(payload: Uint8Array): 'online' | 'offline' {
  const text = Buffer.from(payload.subarray(0, 16)).toString().trim()
  if (text === 'online' || text === '"online"') return 'online'
  if (text === 'offline' || text === '"offline"' || text === '') return 'offline'
  throw new HubError('bad-message', 'A status is online or offline.')
}

function readingOf(entry: unknown): unknown {
  if (!isObject(entry) || isObject(entry.values)) return entry
  const { at, ...values } = entry
  return at === undefined ? { values } : { at, values }
}

function readJson(payload: Uint8Array): unknown {
  if (payload.byteLength > limits.messageBytes) {
    throw new HubError('too-large', `A message may have ${limits.messageBytes} bytes.`)
  }
  return parseJson(payload)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
