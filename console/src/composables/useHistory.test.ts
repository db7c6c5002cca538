// Shows what is asked of the hub for a range, and what happens when it cannot answer.

import { HubProblem } from '@telehub/hub/client'
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { createFakeHub } from '../../test/fake-hub.ts'
import { mountSignedIn } from '../../test/mount.ts'
import { useHistory } from './useHistory.ts'

afterEach(() => vi.useRealTimers())

async function stage(
  path: string,
  answer: () => Promise<unknown> = async () => ({ device: 'pump-1', from: 0, to: 0, series: {}, gaps: [] }),
) {
  const hub = createFakeHub()
  const asked = vi.fn(answer)
  Object.assign(hub.client, { history: asked })
  let history: ReturnType<typeof useHistory> | undefined
  const page = defineComponent({
    setup() {
      history = useHistory('pump-1')
      return () => h('div')
    },
  })
  const { wrapper, router } = await mountSignedIn(page, { hub, path })
  await flushPromises()
  const query = (call = 0) => (asked.mock.calls as unknown[][])[call]?.[1] as { from: number; to: number }
  return { history: history!, asked, query, wrapper, router }
}

it('asks for the range of the URL', async () => {
  const { query } = await stage('/devices/pump-1?range=6h')
  expect(query().to - query().from).toBe(6 * 3_600_000)
})

it('asks again when the range changes, and puts it into the URL', async () => {
  const { history, asked, query, router } = await stage('/devices/pump-1?tab=history')
  history.zoom({ kind: 'fixed', from: 1_000, to: 9_000 })
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ tab: 'history', from: '1000', to: '9000' })
  expect([asked.mock.calls.length, query(1)]).toMatchObject([2, { from: 1_000, to: 9_000 }])
})

it('says why there is no answer, and keeps the last one', async () => {
  let fail = false
  const { history } = await stage('/devices/pump-1', async () => {
    if (fail) throw new HubProblem('store-unavailable', 'The store is away.')
    return { device: 'pump-1', from: 0, to: 0, series: {}, gaps: [] }
  })
  fail = true
  await history.load()
  expect([history.problem.value, history.answer.value === undefined]).toEqual([
    'The store is away. (store-unavailable)',
    false,
  ])
})

it('follows now while the range ends now, and stops when the page is left', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { asked, wrapper } = await stage('/devices/pump-1?range=15m')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(asked).toHaveBeenCalledTimes(2)
  wrapper.unmount()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked).toHaveBeenCalledTimes(2)
})
