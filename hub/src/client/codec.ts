// The two ways a message is written; the same messages either way.

import { Packr } from 'msgpackr/index-no-eval'
import type { ConsoleMessage, ToConsole } from '../protocol/messages.ts'
import type { Format } from '../protocol/subprotocols.ts'

export interface Codec {
  encode(message: ConsoleMessage): string | Uint8Array
  decode(data: string | ArrayBuffer): ToConsole
}

const packr = new Packr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number', structuredClone: false })

export const codecs: Record<Format, Codec> = {
  json: {
    encode: (message) => JSON.stringify(message),
    decode: (data) => JSON.parse(data as string),
  },
  msgpack: {
    encode: (message) => packr.pack(message),
    decode: (data) => packr.unpack(new Uint8Array(data as ArrayBuffer)),
  },
}
