// The computer as a device: true to what the probe sees, and silent about what it cannot see.

import { Profile } from '@telehub/hub/protocol'
import { expect, it } from 'vitest'
import { createRandom } from '../signals/random.ts'
import { hostKind } from './host.ts'
import { createHostProbe, type HostSample, memoryUsedPercent, networkBytes } from './host-probe.ts'

const still: HostSample = {
  takenMs: 0,
  cpuBusyMs: 1_000,
  cpuTotalMs: 10_000,
  load: 0.5,
  memoryUsedPercent: 40.04,
  bytesIn: 5_000,
  bytesOut: 8_000,
  celsius: 51.26,
  uptimeS: 3_600,
}

/** A computer whose looks are given; the last one stays. */
function computer(...samples: Partial<HostSample>[]) {
  let next = 0
  return {
    name: 'box',
    cores: 4,
    system: 'linux',
    sample: () => ({ ...still, ...samples[Math.min(next++, samples.length - 1)] }),
  }
}

it('reports rates between two looks', () => {
  const kind = hostKind(
    computer({}, { takenMs: 2_000, cpuBusyMs: 1_500, cpuTotalMs: 12_000, bytesIn: 9_000, bytesOut: 8_500 }),
  )
  const machine = kind.create(createRandom(1))

  machine.advance(2_000, 0)

  expect(machine.read()).toEqual({
    cpu: 25,
    load: 0.5,
    memory: 40,
    network_in: 2_000,
    network_out: 250,
    temperature: 51.3,
    uptime: 3_600,
  })
})

it('looks once for a report, however long it waited for it', () => {
  const kind = hostKind(computer({}, { takenMs: 60_000, bytesIn: 65_000 }, { takenMs: 60_001, bytesIn: 99_000 }))
  const machine = kind.create(createRandom(1))

  machine.advance(60_000, 0)

  expect(machine.read()).toMatchObject({ network_in: 1_000 })
})

it('takes a counter that went back for a new beginning', () => {
  const machine = hostKind(computer({}, { takenMs: 1_000, bytesIn: 0 })).create(createRandom(1))
  machine.advance(1_000, 0)

  expect(machine.read().network_in).toBe(0)
})

it('has no metric for what this computer does not tell', () => {
  const kind = hostKind(computer({ celsius: undefined, bytesIn: undefined, bytesOut: undefined, load: undefined }))
  const profile = kind.describe({ name: 'x', everyMs: 1_000, tags: [] })

  expect(Object.keys(profile.metrics ?? {})).toEqual(['cpu', 'memory', 'uptime'])
  expect(profile).toMatchObject({ name: 'box', simulated: false })
})

it('changes its interval when told', () => {
  const machine = hostKind(computer({})).create(createRandom(1))

  expect(machine.take('set_interval', { everyMs: 250 })).toMatchObject({ everyMs: 250 })
  expect(machine.take('set_interval', { everyMs: 1 })).toMatchObject({ refused: { code: 'bad-params' } })
})

it('finds this computer to be one', () => {
  const kind = hostKind(createHostProbe())
  const machine = kind.create(createRandom(1))
  machine.advance(1_000, Date.now())

  expect(Profile.safeParse(kind.describe({ name: 'x', everyMs: 1_000, tags: [] })).success).toBe(true)
  expect(machine.read()).toMatchObject({ memory: expect.any(Number), uptime: expect.any(Number) })
})

it('sums the bytes of all interfaces but the loopback', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 999999     10    0    0    0     0          0         0   999999      10    0    0    0     0       0          0
  eth0:   1000     10    0    0    0     0          0         0     2000      10    0    0    0     0       0          0
 wlan0:30      1    0    0    0     0          0         0       40       1    0    0    0     0       0          0
`
  expect(networkBytes(text)).toEqual({ bytesIn: 1_030, bytesOut: 2_040 })
  expect(networkBytes(undefined)).toEqual({ bytesIn: undefined, bytesOut: undefined })
})

it('does not count the caches of Linux as used memory', () => {
  expect(memoryUsedPercent('MemTotal:  1000 kB\nMemFree:  100 kB\nMemAvailable:   600 kB\n')).toBe(40)
  expect(memoryUsedPercent(undefined)).toBeGreaterThan(0)
})
