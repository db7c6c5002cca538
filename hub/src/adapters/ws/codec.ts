// The two ways a message is written on a socket; the same messages either way.

import { Packr } from 'msgpackr'
import { parseJson, refuseOddMembers } from '../../core/decode.ts'
import { HubError } from '../../core/errors.ts'
import type { FrameEncoder } from '../../core/live/encode.ts'
import type { Format, ToConsole, ToDevice } from '../../protocol/index.ts'

export interface Codec extends FrameEncoder {
  readonly binary: boolean
  encode(message: ToDevice | ToConsole): Buffer
  /** HubError `bad-json`, `too-deep`, `bad-name`. */
  decode(data: Buffer): unknown
}

const comma = Buffer.from(',')
const jsonTail = Buffer.from(']}')

const json: Codec = {
  binary: false,
  encode: (message) => Buffer.from(JSON.stringify(message)),
  decode: parseJson,
  segment: (segment) => Buffer.from(JSON.stringify(segment)),
  readings(cursor, segments) {
    const parts: Uint8Array[] = [Buffer.from(`{"type":"readings","cursor":"${cursor}","segments":[`)]
    segments.forEach((segment, i) => {
      if (i > 0) parts.push(comma)
      parts.push(segment)
    })
    parts.push(jsonTail)
    return Buffer.concat(parts)
  },
}

// Plain maps only: records are an extension of this library that no other one reads, and its references (structuredClone)
// would let 3 KB stand for a tree without end.
const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number', structuredClone: false })
const packed = (value: unknown): Buffer => packr.pack(value)

/** A map of three entries, the last of which is `segments`. */
const msgpackHead = Buffer.concat([Buffer.from([0x83]), packed('type'), packed('readings'), packed('cursor')])
const msgpackSegments = packed('segments')

const msgpack: Codec = {
  binary: true,
  encode: packed,
  decode(data) {
    const value = unpack(data)
    refuseOddMembers(value)
    return value
  },
  segment: packed,
  readings: (cursor, segments) =>
    Buffer.concat([msgpackHead, packed(cursor), msgpackSegments, arrayHead(segments.length), ...segments]),
}

function unpack(data: Buffer): unknown {
  try {
    return packr.unpack(data)
  } catch (cause) {
    throw new HubError('bad-message', 'The message is not MessagePack.', { cause })
  }
}

/** MessagePack specification, "array format family". */
function arrayHead(length: number): Buffer {
  if (length < 16) return Buffer.from([0x90 | length])
  const head = Buffer.alloc(5)
  head[0] = 0xdd
  head.writeUInt32BE(length, 1)
  return head
}

export const codecs: Record<Format, Codec> = { json, msgpack }
