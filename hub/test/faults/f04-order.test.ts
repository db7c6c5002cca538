// F04: the order of system calls, as the kernel saw it: no byte of an acknowledgement before the sync that covers it.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { httpSender } from './load/http.ts'
import { mqttSender } from './load/mqtt.ts'
import type { OpenSender } from './load/sender.ts'
import { wsSender } from './load/ws.ts'
import { size } from './seed.ts'
import { earlyAcks, straceOptions } from './system-calls.ts'
import { canTrace } from './tools.ts'

const bufferingDisk = new URL('preload/buffering-disk.ts', import.meta.url)
const messages = size({ fast: 60, long: 2_000 })

let folder: string
let hub: HubUnderTest
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telehub-trace-'))
})
afterEach(async () => {
  await hub.stop()
  rmSync(folder, { recursive: true })
})

const markOf = (device: string, seq: number) => `${device}-${String(seq).padStart(6, '0')}`

/** The trace of a hub that was sent `messages` by one device, `inFlight` at a time, each with a text of its own. */
async function traced(
  device: string,
  open: () => OpenSender,
  { inFlight = 1, preload }: { inFlight?: number; preload?: URL } = {},
): Promise<string> {
  const file = join(folder, 'trace')
  hub = await startHubProcess({ under: ['strace', ...straceOptions, '-o', file], ...(preload && { preload }) })
  const sender = await open()({ device, stream: 's' })
  let next = 1
  const lane = async () => {
    while (next <= messages) {
      const seq = next++
      const at = Date.now() - 1_000_000 + seq
      await sender.send({ device, seq, readings: [{ device, metric: 'mark', at, value: markOf(device, seq) }] })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  sender.close()
  await hub.kill()
  return readFileSync(file, 'latin1')
}

const wsAcks = (bytes: string) =>
  [...bytes.matchAll(/"type":"ack","seq":(\d+)/g)].map(([, seq]) => markOf('by-ws', Number(seq)))

/** Where an acknowledgement does not name its message, there is one message at a time, and the marks are counted. */
function counting(device: string, isAck: (bytes: string) => boolean) {
  let seq = 0
  return (bytes: string) => (isAck(bytes) ? [markOf(device, ++seq)] : [])
}

it.skipIf(!canTrace)(
  'F04 a WebSocket ack leaves after the sync that covers it, with 20 messages under way',
  async () => {
    const trace = await traced('by-ws', () => wsSender(hub), { inFlight: 20 })
    expect(earlyAcks(trace, wsAcks)).toEqual({ early: [], seen: messages })
  },
)

it.skipIf(!canTrace)('F04 an HTTP 200 leaves after the sync that covers it', async () => {
  const trace = await traced('by-http', () => httpSender(hub))
  expect(
    earlyAcks(
      trace,
      counting('by-http', (bytes) => bytes.includes('"durable":"disk"')),
    ),
  ).toEqual({ early: [], seen: messages })
})

it.skipIf(!canTrace)('F04 a PUBACK leaves after the sync that covers it', async () => {
  const password = () => hub.key('gateway')
  const trace = await traced('by-mqtt', () => mqttSender({ port: hub.mqttPort, password }))
  // PUBACK, remaining length 2 (MQTT 3.1.1 §3.4).
  expect(
    earlyAcks(
      trace,
      counting('by-mqtt', (bytes) => bytes.startsWith('@\x02')),
    ),
  ).toEqual({ early: [], seen: messages })
})

it.skipIf(!canTrace)('F04 fails against the hub broken on purpose', async () => {
  const trace = await traced('by-ws', () => wsSender(hub), { inFlight: 20, preload: bufferingDisk })
  const { early, seen } = earlyAcks(trace, wsAcks)
  expect([early.length, seen]).toEqual([messages, messages])
})
