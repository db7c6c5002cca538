// What a profile is made of: a pure model with typed metrics and commands, and the running machine made from it.

import type { CommandProfile, MetricProfile, Params, Profile, Value } from '@telehub/hub/protocol'
import { clamp, round } from '../signals/bounds.ts'
import type { Random } from '../signals/random.ts'
import { wrongParams } from './params.ts'

/** A small piece of physics. All functions are pure but for what they draw from `random`. */
export interface Model<State> {
  /** In lower case; ids begin with it. */
  readonly type: string
  readonly title: string
  readonly firmware: string
  readonly metrics: Readonly<Record<string, MetricProfile>>
  readonly commands: Readonly<Record<string, CommandModel<State>>>
  /** Longer times are cut into steps of at most this; a second where it is not given. */
  readonly longestStepMs?: number
  begin(random: Random): State
  step(state: State, moment: Moment): State
  /** Every metric, not yet rounded. May add an instrument's noise. */
  read(state: State, random: Random): Record<string, Value>
}

/** One step of time, ending at `at` (epoch ms). */
export interface Moment {
  readonly stepMs: number
  readonly at: number
  readonly random: Random
}

export interface CommandModel<State> {
  readonly profile: CommandProfile
  /** What the device makes of it. `params` already fit the profile's schema. */
  take(state: State, params: Params): Refusal | Begun<State>
}

/** Why a device will not, or could not: `code` for programs, `message` for people. */
export interface Problem {
  readonly code: string
  readonly message: string
}
export interface Refusal {
  readonly refused: Problem
}

/** A command that was taken on: the state it leads to at once, and how to see when it is done. */
export interface Begun<State> {
  readonly state: State
  /** 1 is done; without it, it is done at once. A problem ends it as failed. */
  progress?(state: State): number | Problem
  result?(state: State): unknown
  /** A new time between two reports. */
  readonly everyMs?: number
}

/** A command under way on a machine. */
export interface Work {
  progress(): number | Problem
  result(): unknown
  readonly everyMs?: number | undefined
}

/** One running device of a kind. */
export interface Machine {
  advance(elapsedMs: number, at: number): void
  read(): Record<string, Value>
  take(name: string, params: Params): Refusal | Work
}

/** A profile that devices can have. */
export interface Kind {
  readonly type: string
  readonly title: string
  /** Whether the same seed gives the same readings; false for a real device. */
  readonly simulated: boolean
  describe(device: { name: string; everyMs: number; tags: string[] }): Profile
  create(random: Random): Machine
}

/** Physics in longer steps would jump over a thermostat's hysteresis. */
const usualLongestStepMs = 1_000
/** A device that slept for a day must not compute a day: its steps get longer instead. */
const mostSteps = 600

/** Makes a kind of a model. Its readings are rounded to the precision, and kept in the range, of the profile. */
export function defineKind<State>(model: Model<State>): Kind {
  return {
    type: model.type,
    title: model.title,
    simulated: true,
    describe: (device) => describe(model, device, true),
    create: (random) => createMachine(model, random),
  }
}

/** What a device of this model says about itself. */
export function describe<State>(
  model: Pick<Model<State>, 'type' | 'firmware' | 'metrics' | 'commands'>,
  device: { name: string; everyMs: number; tags: string[] },
  simulated: boolean,
): Profile {
  const commands = Object.entries(model.commands).map(([name, command]) => [name, command.profile])
  return {
    type: model.type,
    name: device.name,
    firmware: model.firmware,
    simulated,
    reportEveryMs: device.everyMs,
    tags: device.tags,
    metrics: { ...model.metrics },
    commands: Object.fromEntries(commands),
  }
}

export function createMachine<State>(model: Model<State>, random: Random): Machine {
  const longestStepMs = model.longestStepMs ?? usualLongestStepMs
  let state = model.begin(random)

  return {
    advance(elapsedMs, at) {
      const steps = elapsedMs > 0 ? clamp(Math.ceil(elapsedMs / longestStepMs), 1, mostSteps) : 0
      const stepMs = elapsedMs / steps
      for (let step = 1; step <= steps; step++) {
        state = model.step(state, { stepMs, at: at - (steps - step) * stepMs, random })
      }
    },

    read() {
      const values = model.read(state, random)
      for (const [name, value] of Object.entries(values)) values[name] = fit(value, model.metrics[name])
      return values
    },

    take(name, params) {
      const command = model.commands[name]
      if (!command) return { refused: { code: 'unknown-command', message: `There is no command ${name} here.` } }
      const wrong = wrongParams(command.profile.params, params)
      if (wrong) return { refused: { code: 'bad-params', message: wrong } }
      const taken = command.take(state, params)
      if ('refused' in taken) return taken
      state = taken.state
      return {
        progress: () => taken.progress?.(state) ?? 1,
        result: () => taken.result?.(state),
        everyMs: taken.everyMs,
      }
    },
  }
}

function fit(value: Value, metric: MetricProfile | undefined): Value {
  if (typeof value !== 'number') return value
  return round(clamp(value, metric?.min ?? -Infinity, metric?.max ?? Infinity), metric?.precision ?? 3)
}
