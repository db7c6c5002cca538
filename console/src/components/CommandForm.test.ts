// Shows a command being filled in, refused, confirmed and sent.

import { HubProblem } from '@telehub/hub/client'
import type { CommandProfile, Device } from '@telehub/hub/protocol'
import { flushPromises, type VueWrapper } from '@vue/test-utils'
import { afterEach, expect, it } from 'vitest'
import { aCommand, aDevice } from '../../test/builders.ts'
import { createFakeHub } from '../../test/fake-hub.ts'
import { mountSignedIn } from '../../test/mount.ts'
import CommandForm from './CommandForm.vue'

const speed: CommandProfile = {
  params: {
    type: 'object',
    required: ['rpm'],
    properties: { rpm: { type: 'integer', minimum: 0, maximum: 3000 }, hold: { type: 'boolean' } },
  },
}

let mounted: VueWrapper | undefined
afterEach(() => {
  mounted?.unmount()
  document.body.innerHTML = ''
})

async function form(profile: CommandProfile = speed, device: Partial<Device> = {}) {
  const hub = createFakeHub()
  const { wrapper, session } = await mountSignedIn({ template: '<div />' }, { hub })
  wrapper.unmount()
  const pump = aDevice({ id: 'pump-1', profile: { commands: { set_speed: profile } }, ...device })
  hub.watches[0]?.listeners.snapshot?.({ devices: [pump], recent: [], gaps: [], resumed: false })
  const row = session.current.value?.fleet.find('pump-1')
  const made = await mountSignedIn(CommandForm, { hub, props: { row, name: 'set_speed', mayCommand: true } })
  mounted = made.wrapper
  const fill = (rpm: string) => made.wrapper.get('input[type=text]').setValue(rpm)
  const submit = () => made.wrapper.get('form').trigger('submit')
  return { ...made, hub, fill, submit }
}

it('sends what was filled in', async () => {
  const { hub, fill, submit } = await form()
  await fill('1200')
  await submit()
  expect(hub.commands.map(({ device, name, params }) => [device, name, params])).toEqual([
    ['pump-1', 'set_speed', { rpm: 1200 }],
  ])
})

it('complains beside the field and sends nothing', async () => {
  const { hub, wrapper, fill, submit } = await form()
  await fill('9000')
  await submit()
  const input = wrapper.get('input[type=text]')
  expect(input.attributes('aria-invalid')).toBe('true')
  expect(document.getElementById(input.attributes('aria-describedby') ?? '')?.textContent).toBe('At most 3,000.')
  expect(hub.commands).toEqual([])
})

it('puts what the hub finds beside the field it means', async () => {
  const { hub, wrapper, fill, submit } = await form()
  await fill('1200')
  await submit()
  hub.commands[0]?.reject(
    new HubProblem('bad-params', 'Bad parameters.', { errors: [{ pointer: '/rpm', detail: 'The valve is shut.' }] }),
  )
  await flushPromises()
  expect(wrapper.text()).toContain('The valve is shut.')
  expect(wrapper.find('[role=alert]').exists()).toBe(false)
})

it('says what the hub refuses that belongs to no field', async () => {
  const { hub, wrapper, fill, submit } = await form()
  await fill('1200')
  await submit()
  hub.commands[0]?.reject(new HubProblem('role-needed', 'This key may only look.'))
  await flushPromises()
  expect(wrapper.get('[role=alert]').text()).toBe('This key may only look.')
})

it('is busy until the hub has the command, not until it ended', async () => {
  const { hub, wrapper, fill, submit } = await form()
  await fill('1200')
  await submit()
  const button = wrapper.get('button[type=submit]')
  expect(button.attributes('aria-busy')).toBe('true')
  hub.commands[0]?.options.onChange?.(aCommand({ state: 'sent' }))
  await flushPromises()
  expect(button.attributes('aria-busy')).toBeUndefined()
})

it('asks for the name of the device before something dangerous', async () => {
  const { hub, fill, submit } = await form({ ...speed, dangerous: true })
  await fill('1200')
  await submit()
  await flushPromises()
  const typed = document.querySelector<HTMLInputElement>('#confirm-device')
  const dialog = typed?.closest('form')
  dialog?.dispatchEvent(new Event('submit'))
  expect(hub.commands).toEqual([])
  typed!.value = 'pump-1'
  typed?.dispatchEvent(new Event('input'))
  await flushPromises()
  dialog?.dispatchEvent(new Event('submit'))
  expect(hub.commands).toHaveLength(1)
})

it('lets a command wait for a device that is not connected', async () => {
  const { hub, wrapper, fill, submit } = await form(speed, { presence: { status: 'offline', linked: false, since: 0 } })
  await wrapper
    .findAll('[role=radio]')
    .find((radio) => radio.text() === 'Send when it is back')
    ?.trigger('click')
  await fill('1200')
  await submit()
  expect(hub.commands[0]?.options).toMatchObject({ ifOffline: 'queue', ttlMs: 3_600_000 })
})
