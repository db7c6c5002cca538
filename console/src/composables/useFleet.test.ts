// Shows what the fleet makes of snapshots, readings and changes.

import { afterEach, expect, it, vi } from 'vitest'
import { aDevice } from '../../test/builders.ts'
import { createFakeHub } from '../../test/fake-hub.ts'
import type { Frames } from '../lib/frames.ts'
import { createFleet } from './useFleet.ts'
import { createHubClock } from './useNow.ts'

afterEach(() => vi.useRealTimers())

const pump = aDevice({ id: 'pump-1', profile: { metrics: { flow: { type: 'number', primary: true } } } })

function stage() {
  vi.useFakeTimers()
  const hub = createFakeHub()
  const waiting = new Set<() => void>()
  const frames: Frames = { request: (draw) => waiting.add(draw), cancel: (draw) => waiting.delete(draw) }
  const nextFrame = () => {
    const draws = [...waiting]
    waiting.clear()
    for (const draw of draws) draw()
  }
  const clock = createHubClock(hub.client)
  const fleet = createFleet(hub.client, clock, frames)
  const heard = () => hub.watches[0]!.listeners
  const snapshot = (devices = [pump]) => heard().snapshot?.({ devices, recent: [], gaps: [], resumed: false })
  return { fleet, heard, snapshot, nextFrame, waiting }
}

it('is loaded when the hub has said which devices there are, even when there are none', () => {
  const { fleet, snapshot } = stage()
  expect(fleet.loaded.value).toBe(false)
  snapshot([])
  expect([fleet.loaded.value, fleet.devices.value]).toEqual([true, []])
})

it('shows new values at the next frame, however many came', () => {
  const { fleet, heard, snapshot, nextFrame, waiting } = stage()
  snapshot()
  for (const at of [1, 2, 3]) heard().readings?.({ device: 'pump-1', at: [at], values: { flow: [at * 10] } })
  expect([fleet.find('pump-1')?.latest.value, waiting.size]).toEqual([{}, 1])
  nextFrame()
  expect(fleet.find('pump-1')?.latest.value).toEqual({ flow: { at: 3, value: 30 } })
})

it('keeps the primary metric for the sparkline, without the gaps of a column', () => {
  const { fleet, heard, snapshot } = stage()
  snapshot()
  heard().readings?.({ device: 'pump-1', at: [1, 2, 3], values: { flow: [5, null, 7], other: [1, 2, 3] } })
  const spark = fleet.find('pump-1')!.spark
  expect([spark.length, spark.value(0), spark.value(1)]).toEqual([2, 5, 7])
})

it('does not let a late reading replace a newer value', () => {
  const { fleet, heard, snapshot, nextFrame } = stage()
  snapshot([{ ...pump, latest: { flow: { at: 10, value: 1 } } }])
  heard().readings?.({ device: 'pump-1', at: [5], values: { flow: [99] } })
  nextFrame()
  expect(fleet.find('pump-1')?.latest.value.flow?.value).toBe(1)
})

it('follows devices as they join, change and leave', () => {
  const { fleet, heard, snapshot } = stage()
  snapshot()
  heard().device?.(aDevice({ id: 'pump-2' }), false)
  heard().device?.({ ...pump, name: 'Cellar' }, false)
  expect(fleet.devices.value.map(({ device }) => device.value.name ?? device.value.id)).toEqual(['Cellar', 'pump-2'])
  heard().device?.(pump, true)
  expect(fleet.devices.value.map(({ id }) => id)).toEqual(['pump-2'])
})

it('drops what a later snapshot no longer has', () => {
  const { fleet, snapshot } = stage()
  snapshot()
  snapshot([aDevice({ id: 'pump-2' })])
  expect(fleet.devices.value.map(({ id }) => id)).toEqual(['pump-2'])
})
