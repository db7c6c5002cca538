import { describe, expect, it, vi } from 'vitest'
import { createFakeClock, type FakeClock, settled } from '../../test/fake-clock.ts'
import { createMemoryRecords, createMemoryStore, silentLog } from '../../test/memory-parts.ts'
import type { Actor, Command, DeviceCommand, Profile, Reply } from '../protocol/index.ts'
import { hasEnded, mayBecome } from './command-states.ts'
import { createCommands } from './commands.ts'
import { createDevices } from './devices.ts'
import type { Records } from './ports.ts'

const by: Actor = { key: 'k1', name: 'Ada', kind: 'operator' }
const profile: Profile = {
  commands: {
    set_speed: {
      timeoutMs: 10_000,
      params: { type: 'object', required: ['rpm'], properties: { rpm: { type: 'integer', maximum: 3000 } } },
    },
    ping: { idempotent: true, timeoutMs: 10_000 },
  },
}
const speed = (more: object = {}) => ({ device: 'pump-1', name: 'set_speed', params: { rpm: 100 }, ...more })

async function setup({
  clock = createFakeClock(),
  records = createMemoryRecords(),
}: {
  clock?: FakeClock
  records?: Records
} = {}) {
  const devices = createDevices({ records: records.devices, store: createMemoryStore(), clock, log: silentLog })
  await devices.hello('pump-1', profile)
  const commands = createCommands({ records: records.commands, devices, clock, log: silentLog })
  const sent: DeviceCommand[] = []
  const connect = () => devices.attach('pump-1', { via: 'ws', deliver: (command) => sent.push(command), close() {} })
  const reply = (id: string, state: Reply['state'], more: Partial<Reply> = {}) =>
    commands.take('pump-1', { id, state, ...more })
  return { clock, records, devices, commands, sent, connect, reply }
}
const statesOf = ({ changes }: Command) => changes.map(({ state }) => state)

describe('a command', () => {
  it('goes from queued to succeeded, with every step on record', async () => {
    const { commands, connect, reply } = await setup()
    connect()
    const { id } = await commands.request(speed(), by)
    await reply(id, 'delivered')
    await reply(id, 'running', { progress: 0.5 })
    await reply(id, 'succeeded', { result: { rpm: 100 } })
    const command = (await commands.find(id)) as Command
    expect([statesOf(command), command.result]).toEqual([
      ['queued', 'sent', 'delivered', 'running', 'succeeded'],
      { rpm: 100 },
    ])
  })

  it('is on disk before the device gets it', async () => {
    const { commands, records, devices } = await setup()
    const order: string[] = []
    const save = records.commands.save
    records.commands.save = async (command) => {
      await save(command)
      order.push(`saved ${command.state}`)
    }
    devices.attach('pump-1', { via: 'ws', deliver: () => order.push('delivered'), close() {} })
    await commands.request(speed(), by)
    expect(order).toEqual(['saved queued', 'saved sent', 'delivered'])
  })

  it.each([
    ['an unknown device', speed({ device: 'nobody' }), 'not-found'],
    ['an unknown command', speed({ name: 'fly' }), 'unknown-command'],
    ['a name of every object', speed({ name: 'constructor' }), 'unknown-command'],
    ['parameters that do not fit', speed({ params: { rpm: 9_000 } }), 'bad-params'],
    ['a device without a link', speed(), 'device-offline'],
  ])('is refused for %s', async (_, request, code) => {
    const { commands } = await setup()
    await expect(commands.request(request, by)).rejects.toMatchObject({ code })
  })

  it('waits for an offline device, and goes out when it comes back', async () => {
    const { commands, connect, sent } = await setup()
    const { id, state } = await commands.request(speed({ ifOffline: 'queue' }), by)
    connect()
    await vi.waitFor(() => expect(sent.map((command) => command.id)).toEqual([id]))
    expect(state).toBe('queued')
  })

  it('expires when the device does not come in time, and is not sent late', async () => {
    const { commands, clock, connect, sent } = await setup()
    const { id } = await commands.request(speed({ ttlMs: 5_000 }), by)
    await clock.advance(5_000)
    connect()
    await settled()
    expect([(await commands.find(id))?.state, sent]).toEqual(['expired', []])
  })

  it('times out on a silent device, and keeps what it says afterwards as a late reply', async () => {
    const { commands, clock, connect, reply } = await setup()
    connect()
    const { id } = await commands.request(speed(), by)
    await clock.advance(10_000)
    await reply(id, 'succeeded', { result: 'done' })
    expect(await commands.find(id)).toMatchObject({
      state: 'timed-out',
      lateReply: { state: 'succeeded', result: 'done' },
    })
  })

  it('keeps its first end', async () => {
    const { commands, connect, reply } = await setup()
    connect()
    const { id } = await commands.request(speed(), by)
    await reply(id, 'failed', { error: { code: 'jam', message: 'The impeller is stuck.' } })
    await reply(id, 'succeeded')
    expect((await commands.find(id))?.state).toBe('failed')
  })

  it('is not answered by another device', async () => {
    const { commands, connect } = await setup()
    connect()
    const { id } = await commands.request(speed(), by)
    await commands.take('pump-2', { id, state: 'succeeded' })
    expect((await commands.find(id))?.state).toBe('sent')
  })

  it('is the same command under the same idempotency key, and a conflict with other parameters', async () => {
    const { commands, connect, sent } = await setup()
    connect()
    const [first, second] = await Promise.all([
      commands.request(speed({ idempotencyKey: 'x' }), by),
      commands.request(speed({ idempotencyKey: 'x' }), by),
    ])
    await expect(commands.request(speed({ idempotencyKey: 'x', params: { rpm: 1 } }), by)).rejects.toMatchObject({
      code: 'idempotency-conflict',
    })
    expect([first.id === second.id, sent.length]).toEqual([true, 1])
  })

  it('waits again when its link breaks at the moment of handing over', async () => {
    const { commands, devices, connect, sent } = await setup()
    devices.attach('pump-1', {
      via: 'ws',
      deliver: () => {
        throw new Error('closed')
      },
      close() {},
    })
    const { id, state } = await commands.request(speed({ ifOffline: 'queue' }), by)
    connect()
    await vi.waitFor(() => expect(sent.map((command) => command.id)).toEqual([id]))
    expect(state).toBe('queued')
  })

  it('ends in its time although the wall clock was set back', async () => {
    const clock = createFakeClock()
    const { commands, connect } = await setup({
      clock: { ...clock, now: () => clock.now() - (clock.monotonic() > 0 ? 3_600_000 : 0) },
    })
    connect()
    const { id } = await commands.request(speed(), by)
    await clock.advance(10_000)
    expect((await commands.find(id))?.state).toBe('timed-out')
  })

  it('can be cancelled until it has ended', async () => {
    const { commands } = await setup()
    const { id } = await commands.request(speed({ ifOffline: 'queue' }), by)
    expect((await commands.cancel(id, by)).state).toBe('cancelled')
    await expect(commands.cancel(id, by)).rejects.toMatchObject({ code: 'command-ended' })
  })

  it('resolves for whoever waits for its end', async () => {
    const { commands, connect, reply } = await setup()
    connect()
    const { id } = await commands.request(speed(), by)
    const end = commands.ended(id, 5_000)
    await reply(id, 'succeeded')
    expect((await end).state).toBe('succeeded')
  })

  it('is shown as it is when the wait is over', async () => {
    const { commands, clock, connect } = await setup()
    connect()
    const { id } = await commands.request(speed(), by)
    const end = commands.ended(id, 1_000)
    await clock.advance(1_000)
    expect((await end).state).toBe('sent')
  })
})

describe('after a restart', () => {
  async function restarted(
    request: object,
    before: (hub: Awaited<ReturnType<typeof setup>>, id: string) => unknown = () => {},
  ) {
    const first = await setup()
    first.connect()
    const { id } = await first.commands.request(speed(request), by)
    await before(first, id)
    const second = await setup({ records: first.records, clock: first.clock })
    second.connect()
    await second.commands.load()
    return { ...second, id }
  }

  it('a command that was sent and not confirmed is unknown, and not sent again', async () => {
    const { commands, id, sent } = await restarted({})
    expect([(await commands.find(id))?.state, sent]).toEqual(['unknown', []])
  })

  it('an idempotent one is sent again when the device is back', async () => {
    const { commands, id, sent, connect } = await restarted({ name: 'ping', params: {} })
    connect()
    await vi.waitFor(() => expect(sent.map((command) => command.id)).toEqual([id]))
    expect((await commands.find(id))?.state).toBe('sent')
  })

  it('one that the device had confirmed keeps its deadline', async () => {
    const { commands, id, clock } = await restarted({}, (hub, id) => hub.reply(id, 'delivered'))
    expect((await commands.find(id))?.state).toBe('delivered')
    await clock.advance(10_000)
    expect((await commands.find(id))?.state).toBe('timed-out')
  })
})

it('a state that is final leads nowhere', () => {
  const final = ['succeeded', 'failed', 'rejected', 'timed-out', 'expired', 'cancelled', 'unknown'] as const
  expect(final.every((state) => hasEnded(state) && !mayBecome(state, 'sent'))).toBe(true)
})
