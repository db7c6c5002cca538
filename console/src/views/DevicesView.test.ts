// Shows what stands in the place of the list before, without and between devices.

import type { VueWrapper } from '@vue/test-utils'
import { flushPromises } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import { aDevice } from '../../test/builders.ts'
import { mountSignedIn } from '../../test/mount.ts'
import DevicesView from './DevicesView.vue'

let mounted: VueWrapper | undefined
afterEach(() => mounted?.unmount())

async function page(path = '/devices') {
  const made = await mountSignedIn(DevicesView, { path })
  mounted = made.wrapper
  const say = async (ids: string[]) => {
    const devices = ids.map((id) => aDevice({ id }))
    made.hub.watches[0]?.listeners.snapshot?.({ devices, recent: [], gaps: [], resumed: false })
    await flushPromises()
  }
  return { ...made, say }
}

it('shows the shape of the list until the hub has answered', async () => {
  const { wrapper } = await page()
  expect(wrapper.get('[role=status]').text()).toBe('Loading devices')
})

it('tells how to start devices when there are none, and moves on by itself', async () => {
  const { wrapper, hub, say } = await page()
  await say([])
  expect(wrapper.text()).toContain('npm run sim -- --devices 3')
  hub.watches[0]?.listeners.device?.(aDevice({ id: 'pump-1' }), false)
  await flushPromises()
  expect(wrapper.text()).toContain('1 device · 1 live')
})

it('offers to clear filters that no device passes', async () => {
  const { wrapper, router, say } = await page('/devices?q=nothing&status=late')
  await say(['pump-1'])
  expect(wrapper.text()).toContain('No device matches these filters.')
  await wrapper
    .findAll('button')
    .find((button) => button.text() === 'Clear filters')
    ?.trigger('click')
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({})
})

it('keeps what is searched in the URL', async () => {
  const { wrapper, router, say } = await page()
  await say(['pump-1', 'valve-1'])
  await wrapper.get('input[type=search]').setValue('valve')
  await flushPromises()
  expect(router.currentRoute.value.query).toEqual({ q: 'valve' })
  expect(wrapper.text()).toContain('1 of 2 devices')
})

it('says why the hub does not show its devices', async () => {
  const { wrapper, hub } = await page()
  hub.watches[0]?.listeners.error?.({ code: 'overloaded', detail: 'Too many watches.' })
  await flushPromises()
  expect(wrapper.get('[role=alert]').text()).toContain('Too many watches.')
})
