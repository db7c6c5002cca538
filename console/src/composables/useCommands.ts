// The commands of one device, newest first, as they change.

import { HubProblem } from '@telehub/hub/client'
import type { Command, CommandList } from '@telehub/hub/protocol'
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { withCommand } from '../lib/command-state.ts'
import { useConnection } from './useConnection.ts'
import { useHub } from './useSession.ts'

/** The oldest are left out; the hub keeps them. */
const limit = 100

export function useCommands(deviceId: string) {
  const { hub } = useHub()
  const { state } = useConnection()
  const loaded = ref(false)
  const problem = ref<string>()
  const commands = shallowRef<readonly Command[]>([])

  async function load(): Promise<void> {
    try {
      const { commands: found } = await hub.request<CommandList>(
        'GET',
        `/commands?device=${encodeURIComponent(deviceId)}&limit=${limit}`,
      )
      // What changed while the answer was on its way is newer than the answer.
      const newer = commands.value.filter(
        (command) => !found.some((same) => same.id === command.id && same.changes.length >= command.changes.length),
      )
      commands.value = newer.reduce((list, command) => withCommand(list, command, limit), [...found])
      problem.value = undefined
    } catch (error) {
      problem.value = error instanceof HubProblem ? error.message : String(error)
    }
    loaded.value = true
  }

  const off = hub.on('command', (command) => {
    if (command.device === deviceId) commands.value = withCommand(commands.value, command, limit)
  })
  onScopeDispose(off)
  // Changes during a break were missed: read again what there is.
  watch(
    () => state.value.kind === 'live',
    (live) => live && load(),
    { immediate: true },
  )

  return { commands, loaded, problem, load }
}
