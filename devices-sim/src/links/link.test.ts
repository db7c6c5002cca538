// A link over a carrier that the test holds in its hand: breaks, refusals, silence, goodbye.

import type { Reply } from '@telehub/hub/protocol'
import { expect, it } from 'vitest'
import { createRandom } from '../signals/random.ts'
import { createWheel } from '../wheel.ts'
import type { Carrier, CarrierEvents, Message } from './carrier.ts'
import { createLink, type LinkEvents } from './link.ts'

interface Dialled {
  readonly events: CarrierEvents
  readonly said: string[]
}

function arrange({ keep = 100 } = {}) {
  const wheel = createWheel()
  const dialled: Dialled[] = []
  const told: string[] = []
  const carrier: Carrier = (identity, events) => {
    const said: string[] = [`hello ${identity.profile.reportEveryMs}`]
    dialled.push({ events, said })
    return {
      transmit: ({ seq }) => said.push(`readings ${seq}`),
      reply: ({ id, state }) => said.push(`reply ${id} ${state}`),
      introduce: (profile) => said.push(`hello ${profile.reportEveryMs}`),
      goodbye: async () => void said.push('goodbye'),
      abort: () => said.push('abort'),
    }
  }
  const tell = (words: string) => void told.push(words)
  const events: LinkEvents = {
    online: () => tell('online'),
    offline: (reason) => tell(`offline: ${reason}`),
    refused: (reason) => tell(`refused: ${reason}`),
    sent: () => {},
    acked: ({ seq }, rejections, ackMs) => tell(`acked ${seq} after ${ackMs}, ${rejections.length} rejected`),
    nacked: ({ seq }, code, again) => tell(`nacked ${seq} ${code}${again ? '' : ' for good'}`),
    dropped: ({ seq }) => tell(`dropped ${seq}`),
    complaint: (words) => tell(`complaint: ${words}`),
    command: ({ id }) => tell(`command ${id}`),
  }
  const identity = { device: 'pump-0001', stream: 's', profile: { reportEveryMs: 1_000 } }
  const link = createLink(identity, { carrier, wheel, random: createRandom(1), keep }, events)
  const last = () => dialled.at(-1)!
  return { wheel, link, told, dialled, last, pass: (ms: number) => wheel.turn(wheel.now() + ms) }
}

const message = (seq: number): Message => ({ seq, readings: [{ at: seq, values: { x: 1 } }], count: 1 })
const reply = (id: string, state: Reply['state']): Reply => ({ id, state })

it('sends what it is given and tells when the hub has it', () => {
  const { link, last, told, pass } = arrange()
  last().events.up(64)
  link.send(message(0))
  pass(7)
  last().events.acked(0, [])

  expect(last().said).toEqual(['hello 1000', 'readings 0'])
  expect(told).toEqual(['online', 'acked 0 after 7, 0 rejected'])
  expect(link.pending()).toBe(0)
})

it('comes back after a loss, each time later, and sends again what was not acknowledged', () => {
  const { link, last, dialled, told, pass } = arrange()
  last().events.up(64)
  link.send(message(0))
  last().events.down('the wire was cut')
  expect(told).toContain('offline: the wire was cut')
  pass(500)
  expect(dialled).toHaveLength(2)
  last().events.down('still cut')
  pass(499)
  expect(dialled).toHaveLength(2)
  pass(501)

  last().events.up(64)

  expect(dialled).toHaveLength(3)
  expect(last().said).toEqual(['hello 1000', 'readings 0'])
})

it('does not call a hub again and again that welcomes it and hangs up at once', () => {
  const { last, dialled, pass } = arrange()
  for (let second = 0; second < 60; second++) {
    if (dialled.length > 0) last().events.up(64)
    last().events.down('replaced')
    pass(1_000)
  }

  expect(dialled.length).toBeLessThan(10)
})

it('comes back soon when the link had held', () => {
  const { last, dialled, pass } = arrange()
  for (let minute = 1; minute <= 3; minute++) {
    last().events.up(64)
    pass(60_000)
    last().events.down('cut')
    pass(500)
    expect(dialled).toHaveLength(minute + 1)
  }
})

it('does not hear an earlier connection any more', () => {
  const { link, dialled, told, pass } = arrange()
  dialled[0]!.events.up(64)
  dialled[0]!.events.down('cut')
  pass(500)
  link.send(message(0))

  dialled[0]!.events.acked(0, [])
  dialled[0]!.events.down('cut again')

  expect(told).toEqual(['online', 'offline: cut'])
  expect(dialled).toHaveLength(2)
})

it('waits as long as a nack asks before it sends again', () => {
  const { link, last, told, pass } = arrange()
  last().events.up(64)
  link.send(message(0))
  last().events.nacked(0, 'overloaded', 1_000)
  pass(999)
  expect(last().said).toHaveLength(2)

  pass(1)

  expect(last().said.at(-1)).toBe('readings 0')
  expect(told).toContain('nacked 0 overloaded')
})

it('gives a message up that the hub will never take', () => {
  const { link, last, told } = arrange()
  last().events.up(64)
  link.send(message(0))
  last().events.nacked(0, 'foreign-device', undefined)

  expect(told).toContain('nacked 0 foreign-device for good')
  expect(link.pending()).toBe(0)
})

it('tries no more when the hub will not have the device', () => {
  const { last, dialled, told, pass } = arrange()
  last().events.down('this key is revoked', { final: true })
  pass(600_000)

  expect(told).toEqual(['refused: this key is revoked'])
  expect(dialled).toHaveLength(1)
})

it('takes a link for dead that acknowledges nothing', () => {
  const { link, dialled, told, pass } = arrange()
  dialled[0]!.events.up(64)
  link.send(message(0))

  pass(41_000)

  expect(dialled[0]!.said).toContain('abort')
  expect(told).toContain('offline: no acknowledgement for 30 s')
  expect(dialled).toHaveLength(2)
})

it('takes a hub for dead that shows no heartbeat, where it has to', () => {
  const { dialled, told, pass } = arrange()
  dialled[0]!.events.alive()
  dialled[0]!.events.up(64)
  pass(40_000)
  dialled[0]!.events.alive()
  pass(40_000)
  expect(told).toEqual(['online'])

  pass(20_000)

  expect(told).toEqual(['online', 'offline: nothing heard for 45 s'])
})

it('keeps replies over a break, of many the newest', () => {
  const { link, last, pass } = arrange()
  last().events.up(64)
  last().events.down('cut')
  for (let index = 0; index < 70; index++) link.reply(reply(`c${index}`, 'succeeded'))
  pass(500)

  last().events.up(64)

  expect(last().said).toHaveLength(65)
  expect(last().said.at(1)).toBe('reply c6 succeeded')
  expect(last().said.at(-1)).toBe('reply c69 succeeded')
})

it('tells the hub what the device has become, also after a break', () => {
  const { link, last, pass } = arrange()
  last().events.up(64)
  link.introduce({ reportEveryMs: 250 })
  expect(last().said).toEqual(['hello 1000', 'hello 250'])
  last().events.down('cut')
  pass(500)

  expect(last().said).toEqual(['hello 250'])
})

it('waits for what is in flight before it says goodbye', async () => {
  const { link, last } = arrange()
  last().events.up(64)
  link.send(message(0))
  const closing = link.close(5_000)
  expect(last().said).not.toContain('goodbye')

  last().events.acked(0, [])
  await closing

  expect(last().said.at(-1)).toBe('goodbye')
})

it('does not wait longer for it than it may', async () => {
  const { link, last, pass } = arrange()
  last().events.up(64)
  link.send(message(0))
  const closing = link.close(5_000)
  pass(5_000)
  await closing

  expect(last().said.at(-1)).toBe('goodbye')
  expect(link.pending()).toBe(1)
})
