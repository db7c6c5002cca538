// What the hub remembers of its own life and of devices that were not heard.

import { beforeEach, expect, it } from 'vitest'
import { createFakeClock, type FakeClock } from '../../test/fake-clock.ts'
import { silentLog } from '../../test/memory-parts.ts'
import type { Device, PresenceStatus } from '../protocol/index.ts'
import { createLife } from './life.ts'
import type { KeptGap, Records } from './ports.ts'

const began = 1_700_000_000_000
let clock: FakeClock
let kept: Map<string, KeptGap>
let aliveAt: number | undefined

beforeEach(() => {
  clock = createFakeClock(began)
  kept = new Map()
  aliveAt = undefined
})

const nameOf = ({ device, reason, from }: KeptGap) => `${device} ${reason} ${from}`
const records = (): Records['life'] => ({
  lastAlive: async () => aliveAt,
  async alive(at) {
    aliveAt = at
  },
  gaps: async ({ device }) => [...kept.values()].filter((gap) => gap.device === undefined || gap.device === device),
  open: async () => [...kept.values()].filter((gap) => gap.to === undefined),
  async save(gaps) {
    for (const gap of gaps) kept.set(nameOf(gap), gap)
  },
  async forget(device) {
    for (const [name, gap] of kept) if (gap.device === device) kept.delete(name)
  },
})

async function startLife(known: Device[] = []) {
  let hear = (_device: Device, _change: 'changed' | 'removed') => {}
  const devices = {
    list: () => known,
    onChange(listener: typeof hear) {
      hear = listener
      return () => {}
    },
  }
  const life = createLife({ records: records(), devices, clock, log: silentLog })
  await life.start()
  return { life, hear: (device: Device, change: 'changed' | 'removed' = 'changed') => hear(device, change) }
}

function device(status: PresenceStatus, lastSeenAt?: number): Device {
  const presence = { status, linked: false, since: began, ...(lastSeenAt !== undefined && { lastSeenAt }) }
  return { id: 'pump-1', tags: [], presence, latest: {}, createdAt: began, version: 1 }
}

const whole = { from: 0, to: began * 2 }

it('has no gap when it starts for the first time', async () => {
  const { life } = await startLife()
  expect(await life.gaps('pump-1', whole)).toEqual([])
})

it('was down from its last sign of life to its start, which a crash makes ten seconds longer at most', async () => {
  await startLife()
  await clock.advance(25_000)
  const crashed = clock
  clock = createFakeClock(began + 60_000)
  const { life } = await startLife()
  expect(crashed.now()).toBe(began + 25_000)
  expect(await life.gaps('pump-1', whole)).toEqual([{ reason: 'hub-down', from: began + 20_000, to: began + 60_000 }])
})

it('was down exactly as long as it was, after an orderly end', async () => {
  const { life } = await startLife()
  await clock.advance(25_000)
  await life.close()
  clock = createFakeClock(began + 60_000)
  const next = await startLife()
  expect(await next.life.gaps('pump-1', whole)).toMatchObject([{ from: began + 25_000, to: began + 60_000 }])
})

it('misses a device from its last reading to its next, and knows it at once', async () => {
  const { life, hear } = await startLife()
  hear(device('offline', began - 5_000))
  expect(await life.gaps('pump-1', whole)).toEqual([
    { device: 'pump-1', reason: 'device-offline', from: began - 5_000 },
  ])
  hear(device('silent', began - 5_000))
  hear(device('live', began + 8_000))
  await clock.advance(1_000)
  expect([...kept.values()]).toEqual([
    { device: 'pump-1', reason: 'device-offline', from: began - 5_000, to: began + 8_000 },
  ])
})

it('misses nothing of a device that never sent anything, nor of one that is only late', async () => {
  const { life, hear } = await startLife()
  hear(device('offline'))
  hear(device('late', began - 5_000))
  expect(await life.gaps('pump-1', whole)).toEqual([])
})

it('goes on missing a device over a restart', async () => {
  const first = await startLife()
  first.hear(device('offline', began - 5_000))
  await first.life.close()
  const { life, hear } = await startLife([device('offline', began - 5_000)])
  hear(device('live', began + 50_000))
  await clock.advance(1_000)
  expect(await life.gaps('pump-1', whole)).toContainEqual({
    device: 'pump-1',
    reason: 'device-offline',
    from: began - 5_000,
    to: began + 50_000,
  })
})

it('misses a device that went away while the hub was down', async () => {
  const { life } = await startLife([device('offline', began - 5_000)])
  expect(await life.gaps('pump-1', whole)).toMatchObject([{ reason: 'device-offline', from: began - 5_000 }])
})

it('forgets a device that is removed', async () => {
  const { life, hear } = await startLife()
  hear(device('offline', began - 5_000))
  hear(device('offline', began - 5_000), 'removed')
  expect(await life.gaps('pump-1', whole)).toEqual([])
})
