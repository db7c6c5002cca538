// Stands before aedes, which limits no bytes: the first packet must be a small CONNECT, and none after it may be large.

import type { Socket } from 'node:net'
import type { Clock } from '../../core/ports.ts'
import { limits } from '../../protocol/index.ts'
import { maxClientIdLength, ReturnCode } from './connect-rules.ts'

/** Why a socket was closed. */
export type GuardReason =
  | 'connect-too-late'
  | 'not-mqtt'
  | 'unsupported-version'
  | 'connect-too-large'
  | 'packet-too-large'
  | 'malformed-length'

/**
 * Calls `open` once the whole CONNECT is there and is one of MQTT 3.1.1; its bytes are still in the socket then, for
 * whoever reads it in paused mode. Closes the socket, and says why, as soon as a limit is known to be passed.
 */
export function guardSocket(
  socket: Socket,
  { clock, open, closed }: { clock: Pick<Clock, 'after'>; open: () => void; closed: (reason: GuardReason) => void },
) {
  let head: Buffer = Buffer.alloc(0)
  const tooLate = clock.after(limits.helloWithinMs, () => refuse('connect-too-late'))

  function refuse(reason: GuardReason, returnCode?: ReturnCode) {
    if (socket.destroyed) return
    closed(reason)
    if (returnCode !== undefined) socket.write(Buffer.from([0x20, 2, 0, returnCode]))
    socket.destroy()
  }

  function readHead() {
    const bytes: Buffer | null = socket.read()
    if (!bytes) return
    head = head.length === 0 ? bytes : Buffer.concat([head, bytes])
    const verdict = judgeConnectBytes(head)
    if (verdict === 'incomplete') return
    tooLate()
    if (verdict !== 'complete') return refuse(verdict.reason, verdict.returnCode)
    socket.off('readable', readHead)
    socket.unshift(head)
    head = Buffer.alloc(0)
    open()
    const meter = createPacketMeter(limits.messageBytes)
    // While somebody reads in paused mode, 'data' comes with each chunk just before they get it (node:stream).
    socket.on('data', (chunk: Buffer) => {
      const problem = meter(chunk)
      if (problem) refuse(problem)
    })
  }

  socket.on('readable', readHead)
  socket.once('close', tooLate)
}

type ConnectBytes = 'incomplete' | 'complete' | { reason: GuardReason; returnCode?: ReturnCode }

const protocolName = Buffer.from([0, 4, ...Buffer.from('MQTT')])
/** Of MQTT 3.1. */
const oldProtocolName = Buffer.from([0, 6, ...Buffer.from('MQIsdp')])
/** Protocol name, level, flags, keep-alive, length of the client id. */
const shortestBody = protocolName.length + 6
const unsupportedVersion = { reason: 'unsupported-version', returnCode: ReturnCode.unacceptableProtocol } as const

/** MQTT 3.1.1 §3.1: fixed header, protocol name, level, flags, keep-alive, client id. */
export function judgeConnectBytes(bytes: Buffer): ConnectBytes {
  if (bytes[0] !== 0x10) return { reason: 'not-mqtt' }
  const length = readLength(bytes, 1)
  if (length === 'incomplete') return 'incomplete'
  if (length === 'malformed') return { reason: 'malformed-length' }

  const body = bytes.subarray(length.end)
  if (length.value < shortestBody) return { reason: 'not-mqtt' }
  if (begins(body, oldProtocolName)) return body.length < oldProtocolName.length ? 'incomplete' : unsupportedVersion
  if (!begins(body, protocolName)) return { reason: 'not-mqtt' }
  const level = body[protocolName.length]
  if (level === undefined) return 'incomplete'
  if (level !== 4) return unsupportedVersion
  if (length.value <= limits.messageBytesBeforeAuth) return body.length >= length.value ? 'complete' : 'incomplete'
  // Too large; whether because of its client id is in the first bytes, and decides what the peer is told.
  if (body.length < 12) return 'incomplete'
  const returnCode =
    body.readUInt16BE(10) > maxClientIdLength ? ReturnCode.identifierRejected : ReturnCode.notAuthorized
  return { reason: 'connect-too-large', returnCode }
}

/** Whether the bytes that are there so far fit. */
function begins(bytes: Buffer, name: Buffer): boolean {
  const length = Math.min(bytes.length, name.length)
  return bytes.subarray(0, length).equals(name.subarray(0, length))
}

/** Follows a stream of packets by their lengths alone. Returns what is wrong as soon as a fixed header says it. */
export function createPacketMeter(maxBytes: number): (chunk: Buffer) => GuardReason | undefined {
  /** Bytes of the current packet still to come. */
  let left = 0
  /** A fixed header that a chunk ended in; 4 bytes at most. */
  let partial: Buffer | undefined

  return (chunk) => {
    const bytes = partial ? Buffer.concat([partial, chunk]) : chunk
    partial = undefined
    let at = Math.min(left, bytes.length)
    left -= at
    while (at < bytes.length) {
      const length = readLength(bytes, at + 1)
      if (length === 'malformed') return 'malformed-length'
      if (length === 'incomplete') {
        partial = bytes.subarray(at)
        return undefined
      }
      if (length.value > maxBytes) return 'packet-too-large'
      const end = length.end + length.value
      left = Math.max(0, end - bytes.length)
      at = Math.min(end, bytes.length)
    }
    return undefined
  }
}

/** MQTT 3.1.1 §2.2.3: at most four bytes of seven bits, the lowest first. */
function readLength(bytes: Buffer, at: number): { value: number; end: number } | 'incomplete' | 'malformed' {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = bytes[at + i]
    if (byte === undefined) return 'incomplete'
    value += (byte & 0x7f) << (7 * i)
    if (byte < 0x80) return { value, end: at + i + 1 }
  }
  return 'malformed'
}
