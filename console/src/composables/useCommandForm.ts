// One command being filled in and sent: its fields, what is wrong with them, and what becomes of it.

import { HubProblem } from '@telehub/hub/client'
import type { Command, Params } from '@telehub/hub/protocol'
import { computed, ref, shallowRef, watch } from 'vue'
import { toast } from 'vue-sonner'
import { commandTitle, outcomeOf, stateLooks, tookMs } from '../lib/command-state.ts'
import { type Complaints, type Draft, emptyDraft, placeComplaints, readDraft } from '../lib/draft.ts'
import { formatDuration } from '../lib/format.ts'
import { type Field, fieldsOf } from '../lib/schema-form.ts'
import type { FleetDevice } from './useFleet.ts'
import { useHub } from './useSession.ts'

export interface Waiting {
  ifOffline: 'fail' | 'queue'
  /** How long it may wait for the device, ms. */
  ttlMs: number
}

export function useCommandForm(row: () => FleetDevice, name: () => string) {
  const { hub } = useHub()
  const profile = computed(() => row().device.value.profile?.commands?.[name()])
  const fields = computed<Field[]>(() => fieldsOf(profile.value?.params))
  const draft = ref<Draft>({})
  const complaints = ref<Complaints>({})
  /** What the hub said that belongs to no field. */
  const problem = ref<string>()
  /** From the click until the hub has the command. */
  const sending = ref(false)
  const waiting = shallowRef<Waiting>({ ifOffline: 'fail', ttlMs: 3_600_000 })

  function reset(): void {
    draft.value = emptyDraft(fields.value)
    complaints.value = {}
    problem.value = undefined
  }
  watch(() => [row().id, name()].join('\n'), reset, { immediate: true })

  /** The parameters, or undefined after complaining beside the fields. */
  function check(): Params | undefined {
    const read = readDraft(fields.value, draft.value)
    complaints.value = read.complaints
    problem.value = undefined
    return Object.keys(read.complaints).length === 0 ? read.params : undefined
  }

  async function send(params: Params): Promise<void> {
    const device = row().device.value
    const title = commandTitle(name(), profile.value)
    const wait = device.presence.linked ? undefined : waiting.value
    sending.value = true
    try {
      const ended = await hub.command(device.id, name(), params, {
        ...(wait && { ifOffline: wait.ifOffline, ...(wait.ifOffline === 'queue' && { ttlMs: wait.ttlMs }) }),
        onChange: () => {
          sending.value = false
        },
      })
      sayOutcome(title, ended)
    } catch (error) {
      complain(title, error)
    } finally {
      sending.value = false
    }
  }

  function complain(title: string, error: unknown): void {
    if (!(error instanceof HubProblem)) {
      problem.value = String(error)
      return
    }
    // Signed out meanwhile: nobody is there to be told.
    if (error.code === 'closed') return
    const { complaints: placed, elsewhere } = placeComplaints(fields.value, error.errors)
    complaints.value = placed
    const beside = Object.keys(placed).length > 0
    problem.value = elsewhere.length > 0 ? elsewhere.join(' ') : beside ? undefined : error.message
    toast.error(`${title} was not sent`, { description: error.message })
  }

  return { profile, fields, draft, complaints, problem, sending, waiting, check, send, reset }
}

function sayOutcome(title: string, command: Command): void {
  const took = tookMs(command)
  const description = [outcomeOf(command), took === undefined ? undefined : formatDuration(took)]
    .filter(Boolean)
    .join(' · ')
  const { word, tone } = stateLooks[command.state]
  const say = tone === 'ok' ? toast.success : tone === 'bad' ? toast.error : toast.warning
  say(`${title} ${word}`, { description: `${command.device}${description ? ` · ${description}` : ''}` })
}
