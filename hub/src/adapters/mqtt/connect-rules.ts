// Decides whether a CONNECT may open a session. Pure but for the check of the key.

import type { ConnectPacket } from 'aedes'
import type { Caller, Keys } from '../../core/access/keys.ts'
import { HubError } from '../../core/errors.ts'
import type { ErrorCode } from '../../protocol/index.ts'
import { parseDeviceTopic } from './topics.ts'

/** CONNACK return codes, MQTT 3.1.1 §3.2.2.3. */
export const ReturnCode = {
  unacceptableProtocol: 1,
  identifierRejected: 2,
  badUserNameOrPassword: 4,
  notAuthorized: 5,
} as const
export type ReturnCode = (typeof ReturnCode)[keyof typeof ReturnCode]

export type ConnectVerdict =
  | { readonly ok: true; readonly caller: Caller }
  | { readonly ok: false; readonly returnCode: ReturnCode; readonly code: ErrorCode; readonly detail: string }

/** A peer that is gone must be noticed: at most 20 minutes, and never "never" (0). */
const maxKeepaliveS = 1_200
/** Starts with a letter or digit, so that neither `__proto__` nor `../` is one. */
const clientIdForm = /^[A-Za-z0-9][A-Za-z0-9_.:@=/-]*$/
export const maxClientIdLength = 128

/** User name = key id or device id, password = key. Only device and gateway keys: the others are for people. */
export function judgeConnect(packet: ConnectPacket, { verify }: Pick<Keys, 'verify'>): ConnectVerdict {
  const { identifierRejected, badUserNameOrPassword, notAuthorized } = ReturnCode
  const { clientId, clean, keepalive, username, password } = packet
  if (clientId === '' && !clean)
    return no(identifierRejected, 'bad-message', 'An empty client id needs a clean session.')
  if (clientId !== '' && (clientId.length > maxClientIdLength || !clientIdForm.test(clientId))) {
    return no(identifierRejected, 'bad-message', 'The client id has characters or a length that are not allowed.')
  }
  if (!keepalive || keepalive > maxKeepaliveS) {
    return no(notAuthorized, 'bad-message', `Keep-alive must be between 1 and ${maxKeepaliveS} s.`)
  }
  if (!username || !password) return no(badUserNameOrPassword, 'unauthenticated', 'User name and key are needed.')

  const caller = callerOf(password.toString(), verify)
  if (!caller) {
    return no(badUserNameOrPassword, 'unauthenticated', 'This key is not known here, or no longer valid.')
  }
  if (caller.kind !== 'device' && caller.kind !== 'gateway') {
    return no(notAuthorized, 'wrong-audience', `A ${caller.kind} key is not for devices.`)
  }
  if (username !== caller.keyId && !speaksFor(caller, username)) {
    return no(
      notAuthorized,
      'foreign-device',
      'The user name is neither the id of the key nor that of a device it speaks for.',
    )
  }
  return packet.will ? judgeWill(packet.will, caller) : { ok: true, caller }
}

/** Whether the caller may publish for this device. */
export function speaksFor(caller: Caller, device: string): boolean {
  return caller.kind === 'gateway' || caller.device === device
}

/** A last will can only say of an own device that it is gone. It may ask to be retained, as the protocol shows it. */
function judgeWill(will: NonNullable<ConnectPacket['will']>, caller: Caller): ConnectVerdict {
  const topic = parseDeviceTopic(will.topic)
  if (topic?.kind !== 'status' || !speaksFor(caller, topic.device)) {
    return no(ReturnCode.notAuthorized, 'foreign-device', 'A last will goes to the own status topic.')
  }
  if (will.qos === 2) return no(ReturnCode.notAuthorized, 'bad-message', 'QoS 2 is not offered.')
  return { ok: true, caller }
}

function callerOf(secret: string, verify: Keys['verify']): Caller | undefined {
  try {
    return verify(secret)
  } catch (error) {
    if (error instanceof HubError) return undefined
    throw error
  }
}

function no(returnCode: ReturnCode, code: ErrorCode, detail: string): ConnectVerdict {
  return { ok: false, returnCode, code, detail }
}
