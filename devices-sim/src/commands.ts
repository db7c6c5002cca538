// The life of a command at the device: delivered, then running with its progress, then an end that stands.

import type { DeviceCommand, Reply } from '@telehub/hub/protocol'
import type { Machine, Problem, Refusal, Work } from './profiles/model.ts'
import type { Random } from './signals/random.ts'
import type { Wheel } from './wheel.ts'

export interface CommandOptions {
  /** Between hearing of a command and beginning with it. */
  readonly delayMs: number
  /** The share of commands that fail for no reason of the model, 0 to 1. */
  readonly failureRate: number
}

export type Ended = 'succeeded' | 'failed' | 'rejected'

export interface CommandParts extends CommandOptions {
  readonly wheel: Wheel
  readonly random: Random
  take: Machine['take']
  /** Brings the machine to the present. */
  refresh(): void
  reply(reply: Reply): void
  began(): void
  ended(state: Ended, work: Work | undefined): void
}

/** How often the progress of a command is looked at. */
const lookEveryMs = 250
/** It is told again when it has come so much further: a long command has some ten steps, not hundreds. */
const toldStep = 0.1
/** A device is small: it does a few things at once and refuses more. */
const mostAtOnce = 8
/** Answers are remembered for so many commands: MQTT at QoS 1 may deliver one twice. */
const remembered = 64

/** Takes commands and sees each through. Every command gets exactly one end; one delivered again gets its last answer again. */
export function createCommands(parts: CommandParts) {
  const { delayMs, failureRate, wheel, random, take, refresh, reply, began, ended } = parts
  const answers = new Map<string, Reply>()
  let underway = 0

  function say(answer: Reply): void {
    answers.set(answer.id, answer)
    if (answers.size > remembered) answers.delete(answers.keys().next().value ?? '')
    reply(answer)
  }

  function begin({ id, name, params }: DeviceCommand) {
    refresh()
    if (random.chance(failureRate)) {
      return end({
        id,
        state: 'failed',
        error: { code: 'simulated', message: 'Failed because the run asks for failures.' },
      })
    }
    const taken = take(name, params)
    if (isRefusal(taken)) return end({ id, state: 'rejected', error: taken.refused })
    const told = shown(taken.progress())
    // What is done at once has no progress worth showing.
    say(told < 1 ? { id, state: 'running', progress: told } : { id, state: 'running' })
    wheel.after(lookEveryMs, () => look(id, taken, told))
  }

  function look(id: string, work: Work, told: number) {
    refresh()
    const progress = work.progress()
    if (typeof progress !== 'number') return end({ id, state: 'failed', error: progress }, work)
    if (progress >= 1) return end({ id, state: 'succeeded', result: work.result() }, work)
    const further = progress >= told + toldStep
    if (further) say({ id, state: 'running', progress: shown(progress) })
    wheel.after(lookEveryMs, () => look(id, work, further ? progress : told))
  }

  function end(answer: Reply & { state: Ended }, work?: Work) {
    underway -= 1
    say(answer)
    ended(answer.state, work)
  }

  return {
    hear(command: DeviceCommand) {
      const answered = answers.get(command.id)
      if (answered) return reply(answered)
      underway += 1
      began()
      say({ id: command.id, state: 'delivered' })
      if (underway > mostAtOnce) {
        const error = { code: 'busy', message: `This device does ${mostAtOnce} things at once at most.` }
        return end({ id: command.id, state: 'rejected', error })
      }
      wheel.after(delayMs, () => begin(command))
    },
  }
}

function isRefusal(taken: Refusal | Work): taken is Refusal {
  return 'refused' in taken
}

/** What is wrong is told at the next look; here only how far it is. */
function shown(progress: number | Problem): number {
  return typeof progress === 'number' ? Math.min(Math.max(Math.round(progress * 100) / 100, 0), 1) : 0
}
