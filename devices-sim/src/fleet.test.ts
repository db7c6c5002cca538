// A fleet on virtual time, with links that the test holds in its hand.

import type { DeviceCommand, Reply } from '@telehub/hub/protocol'
import { expect, it } from 'vitest'
import { calendarFrom } from './clock.ts'
import { startFleet } from './fleet.ts'
import type { Carrier, CarrierEvents, Message } from './links/carrier.ts'
import { planFleet } from './plan.ts'
import { kindsNamed } from './profiles/index.ts'
import { createTally } from './tally.ts'
import { createWheel } from './wheel.ts'

interface Reached {
  events: CarrierEvents
  readonly messages: Message[]
  readonly replies: Reply[]
}

const startAt = Date.parse('2026-01-01T00:00:00Z')

/** `hub`: what it does with each message; acknowledges where nothing is said. */
function arrange({
  devices = 2,
  profile = 'pump',
  rhythm = {},
  hub = (message, events) => events.acked(message.seq, []),
}: {
  devices?: number
  profile?: string
  rhythm?: object
  hub?: (message: Message, events: CarrierEvents) => void
} = {}) {
  const wheel = createWheel()
  const tally = createTally()
  const reached = new Map<string, Reached>()
  const carrier: Carrier = ({ device }, events) => {
    const one: Reached = { messages: [], replies: [], ...reached.get(device), events }
    reached.set(device, one)
    wheel.after(0, () => events.up(64))
    return {
      transmit(message) {
        one.messages.push(message)
        wheel.after(5, () => hub(message, events))
      },
      reply: (reply) => one.replies.push(reply),
      introduce() {},
      async goodbye() {},
      abort() {},
    }
  }
  const fleet = startFleet({
    places: planFleet({
      devices,
      profiles: [{ name: profile, weight: 1 }],
      transports: [{ name: 'ws', weight: 1 }],
      rampPerSecond: 1,
      hostId: 'host',
    }),
    kinds: kindsNamed([profile]),
    seed: 7,
    rhythm: { everyMs: 1_000, jitter: 0.1, batch: 1, ...rhythm },
    commands: { delayMs: 100, failureRate: 0 },
    carriers: { ws: carrier, http: carrier, mqtt: carrier },
    wheel,
    calendar: calendarFrom(startAt),
    present: wheel.now,
    tally,
    run: 'run1',
  })
  return {
    fleet,
    tally,
    wheel,
    device: (id: string) => reached.get(id)!,
    pass: (ms: number) => wheel.turn(wheel.now() + ms),
  }
}

const command = (name: string, params = {}): DeviceCommand => ({
  type: 'command',
  id: `c-${name}`,
  name,
  params,
  expiresAt: 0,
})
const sum = (counts: Readonly<Record<string, number>>) =>
  Object.values(counts).reduce((total, count) => total + count, 0)

it('starts its devices one after the other, and none waits for another', () => {
  const { fleet, device, pass } = arrange({ devices: 3 })
  pass(1_999)

  expect(fleet.started()).toBe(2)
  expect(device('pump-0001').messages.length).toBeGreaterThan(0)
})

it('reports in its rhythm, within the jitter, after a first report at once', () => {
  const { device, pass } = arrange({ devices: 1 })
  pass(60_000)
  const times = device('pump-0001').messages.map(({ readings }) => readings[0]!.at - startAt)
  const waits = times.slice(1).map((at, index) => at - times[index]!)

  expect(times[0]).toBeLessThan(1_000)
  expect(waits[0]).toBeLessThan(1_000)
  expect(Math.min(...waits.slice(1))).toBeGreaterThanOrEqual(899)
  expect(Math.max(...waits.slice(1))).toBeLessThanOrEqual(1_101)
})

it('does not tick in step', () => {
  const { fleet, device, pass } = arrange({ devices: 20, rhythm: { jitter: 0 } })
  pass(60_000)
  const phases = Array.from({ length: fleet.size }, (_, index) => {
    const id = `pump-${String(index + 1).padStart(4, '0')}`
    return Math.floor((device(id).messages.at(-1)!.readings[0]!.at % 1_000) / 100)
  })

  expect(new Set(phases).size).toBeGreaterThan(5)
})

it('gathers reports into messages', () => {
  const { device, pass } = arrange({ devices: 1, rhythm: { batch: 5 } })
  pass(60_000)

  expect(new Set(device('pump-0001').messages.map(({ readings }) => readings.length))).toEqual(new Set([5]))
})

it('shows the effect of a command in its readings, at once', () => {
  const { device, pass, tally } = arrange({ devices: 1, rhythm: { everyMs: 60_000 } })
  pass(10_000)
  const pump = device('pump-0001')
  pump.events.command(command('set_speed', { rpm: 3_000 }))
  pass(8_000)

  expect(pump.replies.at(-1)).toMatchObject({ state: 'succeeded' })
  expect(pump.messages.at(-1)!.readings[0]!.values).toMatchObject({ running: true, state: 'running' })
  expect(Number(pump.messages.at(-1)!.readings[0]!.values.rpm)).toBeGreaterThan(2_950)
  expect(tally.counts().commands).toMatchObject({ received: 1, succeeded: 1 })
})

it('answers a command that the model forbids with rejected', () => {
  const { device, pass } = arrange({ devices: 1, profile: 'meter' })
  pass(5_000)
  const meter = device('meter-0001')
  meter.events.command(command('reset'))
  pass(1_000)

  expect(meter.replies).toEqual([
    { id: 'c-reset', state: 'delivered' },
    { id: 'c-reset', state: 'rejected', error: { code: 'sealed', message: expect.any(String) } },
  ])
})

it('really changes its interval when told', () => {
  const { device, pass } = arrange({ devices: 1, profile: 'host', rhythm: { jitter: 0 } })
  pass(5_000)
  const host = device('host')
  host.events.command(command('set_interval', { everyMs: 100 }))
  pass(1_000)
  const before = host.messages.length

  pass(10_000)

  expect(host.messages.length - before).toBe(100)
})

it('accounts for every reading, whatever the hub does', async () => {
  const { fleet, tally, pass } = arrange({
    devices: 5,
    hub: (message, events) => {
      if (message.seq % 7 === 1)
        return events.acked(message.seq, [{ index: 0, metric: 'flow', code: 'type-conflict', detail: '' }])
      if (message.seq % 7 === 2) return events.acked(message.seq, [{ index: 0, code: 'at-too-old', detail: '' }])
      if (message.seq % 7 === 3) return events.nacked(message.seq, 'bad-message', undefined)
      if (message.seq % 31 === 5) return events.down('cut')
      return events.acked(message.seq, [])
    },
  })
  pass(120_000)
  const closing = fleet.stop(1_000)
  pass(2_000)
  await closing

  const { readings, links, messages } = tally.counts()
  expect(readings.made).toBe(
    readings.acknowledged + sum(readings.rejected) + readings.refused + readings.dropped + fleet.pending(),
  )
  expect(readings.made).toBeGreaterThan(3_000)
  expect(readings.rejected).toMatchObject({ 'type-conflict': expect.any(Number), 'at-too-old': expect.any(Number) })
  expect(links.lost).toBeGreaterThan(0)
  expect(messages.sentAgain).toBeGreaterThan(0)
})

it('falls silent for good when the hub will not have it', () => {
  const { device, pass, tally } = arrange({ devices: 1 })
  pass(5_000)
  const { messages, events } = device('pump-0001')
  events.down('this key is revoked', { final: true })
  const before = messages.length
  pass(60_000)

  expect(messages).toHaveLength(before)
  expect(tally.counts()).toMatchObject({ online: 0, links: { refused: 1 }, trouble: 'pump-0001: this key is revoked' })
})

it('sends what is left of a message when it ends', async () => {
  const { fleet, device, pass, tally } = arrange({ devices: 1, rhythm: { batch: 100 } })
  pass(10_000)
  const closing = fleet.stop(1_000)
  pass(100)
  await closing

  expect(device('pump-0001').messages).toHaveLength(1)
  expect(fleet.pending()).toBe(0)
  expect(tally.counts().readings.acknowledged).toBe(tally.counts().readings.made)
})
