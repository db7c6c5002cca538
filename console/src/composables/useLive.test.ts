// Shows what is kept of the live readings of one device, and when charts hear of them.

import { expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { mountSignedIn } from '../../test/mount.ts'
import { type Live, useLive } from './useLive.ts'

async function stage() {
  let live: Live | undefined
  const page = defineComponent({
    setup() {
      live = useLive('pump-1')
      return () => h('div')
    },
  })
  const { hub, wrapper } = await mountSignedIn(page)
  const watch = () => hub.watches.find(({ request }) => Array.isArray(request.devices))
  return { live: live!, hub, wrapper, watch }
}

it('asks for every reading of its device, from fifteen minutes back', async () => {
  const { watch } = await stage()
  const { devices, mode, from } = watch()!.request
  expect([devices, mode]).toEqual([['pump-1'], 'all'])
  expect(Date.now() - Number(from)).toBeGreaterThanOrEqual(15 * 60_000)
})

it('keeps numbers and states apart, and nothing where a column has no value', async () => {
  const { live, watch } = await stage()
  watch()!.listeners.readings?.({
    device: 'pump-1',
    at: [1, 2, 3],
    values: { flow: [1, null, 3], on: [true, false, null] },
  })
  expect([live.numbers('flow').length, live.numbers('flow').value(1)]).toEqual([2, 3])
  expect([live.states('on').length, live.states('on').value(1)]).toEqual([2, false])
})

it('tells only the charts of metrics that changed', async () => {
  vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) => run(0))
  const { live, watch } = await stage()
  const flow = vi.fn()
  const other = vi.fn()
  live.onReadings('flow', flow)
  const end = live.onReadings('other', other)
  watch()!.listeners.readings?.({ device: 'pump-1', at: [1], values: { flow: [1] } })
  expect([flow.mock.calls.length, other.mock.calls.length]).toEqual([1, 0])
  end()
  watch()!.listeners.readings?.({ device: 'pump-1', at: [2], values: { other: [1] } })
  expect(other).not.toHaveBeenCalled()
  vi.unstubAllGlobals()
})

it('collects the gaps that snapshots and a slow console bring', async () => {
  const { live, watch } = await stage()
  const gap = { from: 1, to: 2, reason: 'hub-down' } as const
  watch()!.listeners.snapshot?.({ devices: [], recent: [], gaps: [gap], resumed: false })
  watch()!.listeners.gaps?.([{ ...gap, reason: 'behind' }])
  expect(live.gaps.value.map(({ reason }) => reason)).toEqual(['hub-down', 'behind'])
})

it('stops watching when its page is left', async () => {
  const { wrapper, watch } = await stage()
  wrapper.unmount()
  expect(watch()).toBeUndefined()
})
