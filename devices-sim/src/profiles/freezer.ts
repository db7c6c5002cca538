// A freezer: its compressor cycles, an open door lets the room in, and defrosting melts the ice that the room left.

import { lag } from '../signals/approach.ts'
import { noisy } from '../signals/noise.ts'
import { defineKind, type Problem } from './model.ts'

interface Freezer {
  readonly celsius: number
  readonly target: number
  readonly compressor: boolean
  readonly doorMs: number
  readonly defrostMs: number
  /** Grows while the door is open; 1 is thick. */
  readonly ice: number
}

const roomCelsius = 22
const coldestCelsius = -38
const hysteresis = 0.8
/** The walls leak slowly, the door fast; minutes here for hours, so that a person can watch it. */
const wallTauMs = 1_200_000
const doorTauMs = 120_000
const coolingTauMs = 240_000
const defrostTauMs = 300_000
const defrostMs = 30_000
/** Someone opens it without being asked about once in ten minutes. */
const doorEveryMs = 600_000

export const freezer = defineKind<Freezer>({
  type: 'freezer',
  title: 'Freezer',
  firmware: '1.0.9',
  metrics: {
    temperature: { type: 'number', unit: '°C', title: 'Inside', precision: 1, min: -40, max: 25, primary: true },
    target: { type: 'number', unit: '°C', title: 'Set point', precision: 1, min: -30, max: -10 },
    power: { type: 'number', unit: 'W', title: 'Power', precision: 0, min: 0, max: 600 },
    ice: { type: 'number', unit: '%', title: 'Ice', precision: 1, min: 0, max: 100 },
    door: { type: 'boolean', title: 'Door open' },
    compressor: { type: 'boolean', title: 'Compressor' },
    state: { type: 'string', title: 'State' },
  },
  commands: {
    set_target: {
      profile: {
        title: 'Set temperature',
        timeoutMs: 10_000,
        idempotent: true,
        params: {
          type: 'object',
          required: ['celsius'],
          properties: {
            celsius: { type: 'number', title: 'Temperature', minimum: -30, maximum: -10, default: -18, unit: '°C' },
          },
        },
      },
      take: (freezer, params) => {
        const target = Number(params.celsius)
        return { state: { ...freezer, target }, result: () => ({ target }) }
      },
    },
    open_door: {
      profile: {
        title: 'Open door',
        description: 'Opens the door; it falls shut by itself.',
        timeoutMs: 10_000,
        params: {
          type: 'object',
          required: ['seconds'],
          properties: {
            seconds: { type: 'integer', title: 'For', minimum: 1, maximum: 120, default: 20, unit: 's' },
          },
        },
      },
      take: (freezer, params) => {
        const seconds = Number(params.seconds)
        return { state: { ...freezer, doorMs: seconds * 1_000 }, result: () => ({ closesInSeconds: seconds }) }
      },
    },
    defrost: {
      profile: {
        title: 'Defrost',
        description: 'Warms the coils for half a minute to melt the ice. The door must stay shut.',
        timeoutMs: 60_000,
        dangerous: true,
      },
      take: (freezer) => {
        if (freezer.doorMs > 0) return { refused: { code: 'door-open', message: 'The door is open; shut it first.' } }
        if (freezer.defrostMs > 0) return { refused: { code: 'busy', message: 'It is defrosting already.' } }
        return {
          state: { ...freezer, defrostMs },
          progress: (now): number | Problem => {
            if (now.doorMs > 0) return { code: 'door-open', message: 'The door was opened while defrosting.' }
            return 1 - now.defrostMs / defrostMs
          },
          result: (now) => ({ celsius: Math.round(now.celsius * 10) / 10 }),
        }
      },
    },
  },

  begin: (random) => {
    const target = -18 - Math.round(random.between(0, 4))
    const celsius = target + random.between(-hysteresis, hysteresis)
    return { celsius, target, compressor: random.chance(0.5), doorMs: 0, defrostMs: 0, ice: random.between(0.05, 0.3) }
  },

  step: (freezer, { stepMs, random }) => {
    const opened = freezer.doorMs <= 0 && freezer.defrostMs <= 0 && random.chance(stepMs / doorEveryMs)
    const doorMs = opened ? random.between(8_000, 25_000) : Math.max(0, freezer.doorMs - stepMs)
    const defrosting = freezer.defrostMs > 0 && doorMs <= 0
    const compressor = !defrosting && switched(freezer)
    return {
      ...freezer,
      doorMs,
      compressor,
      celsius: warmed(freezer.celsius, { open: doorMs > 0, defrosting, compressor }, stepMs),
      defrostMs: defrosting ? Math.max(0, freezer.defrostMs - stepMs) : 0,
      ice: iced(freezer.ice, { open: doorMs > 0, defrosting }, stepMs),
    }
  },

  read: (freezer, random) => ({
    temperature: noisy(freezer.celsius, 0.05, random),
    target: freezer.target,
    power: noisy(powerOf(freezer), 2, random),
    ice: freezer.ice * 100,
    door: freezer.doorMs > 0,
    compressor: freezer.compressor,
    state: stateOf(freezer),
  }),
})

function switched({ celsius, target, compressor }: Freezer): boolean {
  if (celsius > target + hysteresis) return true
  if (celsius < target - hysteresis) return false
  return compressor
}

function warmed(
  celsius: number,
  { open, defrosting, compressor }: { open: boolean; defrosting: boolean; compressor: boolean },
  stepMs: number,
): number {
  const leaked = lag(celsius, roomCelsius, open ? doorTauMs : wallTauMs, stepMs)
  if (defrosting) return lag(leaked, roomCelsius, defrostTauMs, stepMs)
  return compressor ? lag(leaked, coldestCelsius, coolingTauMs, stepMs) : leaked
}

function iced(ice: number, { open, defrosting }: { open: boolean; defrosting: boolean }, stepMs: number): number {
  if (defrosting) return lag(ice, 0, defrostMs / 4, stepMs)
  return open ? lag(ice, 1, 600_000, stepMs) : ice
}

function powerOf(freezer: Freezer): number {
  const lamp = freezer.doorMs > 0 ? 15 : 0
  if (freezer.defrostMs > 0) return 450 + lamp
  return (freezer.compressor ? 140 : 4) + lamp
}

function stateOf(freezer: Freezer): string {
  if (freezer.doorMs > 0) return 'door open'
  if (freezer.defrostMs > 0) return 'defrosting'
  return freezer.compressor ? 'cooling' : 'idle'
}
