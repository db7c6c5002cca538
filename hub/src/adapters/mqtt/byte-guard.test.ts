// Lengths are judged from the first bytes, whatever pieces they come in.

import { generate } from 'mqtt-packet'
import { describe, expect, it } from 'vitest'
import { createPacketMeter, judgeConnectBytes } from './byte-guard.ts'
import { connectPacket, publishPacket } from './testing/wire.ts'

/** A fixed header that claims this remaining length. */
function header(type: number, length: number): number[] {
  const bytes = [type]
  for (let rest = length; ; rest >>= 7) {
    bytes.push(rest > 127 ? (rest & 0x7f) | 0x80 : rest)
    if (rest <= 127) return bytes
  }
}
const connectHead = (length: number, idLength: number, level = 4) =>
  Buffer.from([...header(0x10, length), 0, 4, ...Buffer.from('MQTT'), level, 2, 0, 60, idLength >> 8, idLength & 0xff])

describe('the first packet', () => {
  it('is judged the same in one piece and byte by byte', () => {
    const whole = generate(connectPacket({ username: 'u', password: Buffer.from('p') }))
    expect(judgeConnectBytes(whole)).toBe('complete')
    for (let end = 1; end < whole.length; end++) expect(judgeConnectBytes(whole.subarray(0, end))).toBe('incomplete')
  })

  it('is refused when it is no CONNECT of MQTT 3.1.1', () => {
    expect(judgeConnectBytes(Buffer.from('GET / HTTP/1.1\r\n'))).toEqual({ reason: 'not-mqtt' })
    expect(judgeConnectBytes(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x80]))).toEqual({ reason: 'malformed-length' })
    for (const level of [0, 3, 5, 6, 0x84]) {
      expect(judgeConnectBytes(connectHead(30, 4, level))).toEqual({ reason: 'unsupported-version', returnCode: 1 })
    }
    expect(judgeConnectBytes(Buffer.from([0x10, 20, 0, 6, ...Buffer.from('MQIsdp'), 3]))).toEqual({
      reason: 'unsupported-version',
      returnCode: 1,
    })
  })

  it('is refused by its length before its bytes come', () => {
    expect(judgeConnectBytes(connectHead(40 * 1_048_576, 4))).toEqual({ reason: 'connect-too-large', returnCode: 5 })
    expect(judgeConnectBytes(connectHead(11_000, 10_240))).toEqual({ reason: 'connect-too-large', returnCode: 2 })
  })
})

describe('packets after it', () => {
  const stream = Buffer.concat(
    [1, 50, 200, 20_000].map((size) => generate(publishPacket('telehub/v1/p/telemetry', 'x'.repeat(size)))),
  )

  it.each([1, 2, 3, 7, 1000, 100_000])('may come in pieces of %i bytes', (size) => {
    const meter = createPacketMeter(65_536)
    for (let at = 0; at < stream.length; at += size) expect(meter(stream.subarray(at, at + size))).toBeUndefined()
  })

  it.each([1, 2, 100_000])('are refused at their header when too large, in pieces of %i bytes', (size) => {
    const meter = createPacketMeter(65_536)
    const bytes = Buffer.concat([stream, Buffer.from(header(0x32, 200 * 1_048_576))])
    const found = []
    for (let at = 0; at < bytes.length; at += size) found.push(meter(bytes.subarray(at, at + size)))
    expect(found.at(-1)).toBe('packet-too-large')
  })

  it('are refused when the length has five bytes', () => {
    expect(createPacketMeter(65_536)(Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0x01]))).toBe('malformed-length')
  })
})
