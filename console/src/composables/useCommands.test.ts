// Shows how the list of commands follows what happens.

import { flushPromises } from '@vue/test-utils'
import { expect, it } from 'vitest'
import { defineComponent, h } from 'vue'
import { aCommand } from '../../test/builders.ts'
import { createFakeHub } from '../../test/fake-hub.ts'
import { mountSignedIn } from '../../test/mount.ts'
import { useCommands } from './useCommands.ts'

async function stage(kept = [aCommand({ id: 'old', at: 1 })]) {
  const hub = createFakeHub()
  hub.answers.set('GET /commands', { commands: kept })
  let made: ReturnType<typeof useCommands> | undefined
  const page = defineComponent({
    setup() {
      made = useCommands('pump-1')
      return () => h('div')
    },
  })
  await mountSignedIn(page, { hub })
  await flushPromises()
  const shown = () => made!.commands.value.map(({ id, state }) => `${id} ${state}`)
  return { hub, shown }
}

it('begins with what the hub has kept', async () => {
  const { hub, shown } = await stage()
  expect(shown()).toEqual(['old queued'])
  expect(hub.requests).toContain('GET /commands?device=pump-1&limit=100')
})

it('follows the commands of its device, and of no other', async () => {
  const { hub, shown } = await stage()
  hub.emit('command', aCommand({ id: 'new', at: 2, state: 'sent' }))
  hub.emit('command', aCommand({ id: 'elsewhere', device: 'pump-2' }))
  expect(shown()).toEqual(['new sent', 'old queued'])
})

it('reads again after a break, without falling behind what it has heard since', async () => {
  const { hub, shown } = await stage()
  hub.become({ kind: 'reconnecting', attempt: 1, retryAt: 0, reason: 'closed' })
  await flushPromises()
  const ended = aCommand({
    id: 'old',
    at: 1,
    state: 'succeeded',
    changes: [
      { state: 'queued', at: 1 },
      { state: 'succeeded', at: 2 },
    ],
  })
  hub.answers.set('GET /commands', { commands: [ended] })
  hub.become({ kind: 'live', since: 0 })
  await flushPromises()
  expect(shown()).toEqual(['old succeeded'])
})
