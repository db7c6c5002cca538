// A room with a heater: it warms towards its set point, loses heat to the weather, and switches with hysteresis.

import { lag } from '../signals/approach.ts'
import { clamp } from '../signals/bounds.ts'
import { daily } from '../signals/daily.ts'
import { noisy, wander } from '../signals/noise.ts'
import { defineKind } from './model.ts'

const modes = ['heat', 'eco', 'off'] as const
type Mode = (typeof modes)[number]

interface Room {
  readonly celsius: number
  readonly target: number
  readonly mode: Mode
  readonly heating: boolean
  readonly outside: number
  /** How much the weather differs from the usual of the hour. */
  readonly weather: number
  readonly boostMs: number
}

/** A room forgets its heat in ten minutes here, not in hours, so that a person can watch it. */
const roomTauMs = 600_000
const heaterLift = 32
const heaterWatts = 1_500
const hysteresis = 0.3
const ecoDrop = 3
const frostGuard = 7
const boostLift = 2

export const thermostat = defineKind<Room>({
  type: 'thermostat',
  title: 'Thermostat',
  firmware: '2.1.0',
  metrics: {
    temperature: { type: 'number', unit: '°C', title: 'Room', precision: 1, min: -10, max: 45, primary: true },
    target: { type: 'number', unit: '°C', title: 'Set point', precision: 1, min: 5, max: 30 },
    outside: { type: 'number', unit: '°C', title: 'Outside', precision: 1, min: -15, max: 30 },
    power: { type: 'number', unit: 'W', title: 'Heater', precision: 0, min: 0, max: 2_000 },
    heating: { type: 'boolean', title: 'Heating' },
    mode: { type: 'string', title: 'Mode' },
  },
  commands: {
    set_target: {
      profile: {
        title: 'Set temperature',
        description: 'The temperature to keep, and how.',
        timeoutMs: 10_000,
        idempotent: true,
        params: {
          type: 'object',
          required: ['celsius'],
          properties: {
            celsius: { type: 'number', title: 'Temperature', minimum: 5, maximum: 30, default: 21, unit: '°C' },
            mode: { type: 'string', title: 'Mode', enum: [...modes] },
          },
        },
      },
      take: (room, params) => {
        const target = Number(params.celsius)
        const mode = modes.find((known) => known === params.mode) ?? room.mode
        return { state: { ...room, target, mode }, result: () => ({ target, mode }) }
      },
    },
    boost: {
      profile: {
        title: 'Boost',
        description: 'Heats two degrees above the set point for a while.',
        timeoutMs: 10_000,
        params: {
          type: 'object',
          required: ['minutes'],
          properties: {
            minutes: { type: 'integer', title: 'Minutes', minimum: 1, maximum: 120, default: 10, unit: 'min' },
          },
        },
      },
      take: (room, params) => {
        if (room.mode === 'off') {
          return { refused: { code: 'switched-off', message: 'The thermostat is off; set its mode first.' } }
        }
        const minutes = Number(params.minutes)
        return { state: { ...room, boostMs: minutes * 60_000 }, result: () => ({ minutes }) }
      },
    },
  },

  begin: (random) => ({
    celsius: random.between(18, 21),
    target: 20 + Math.round(random.between(0, 4)) / 2,
    mode: 'heat',
    heating: false,
    outside: 8,
    weather: random.normal() * 2,
    boostMs: 0,
  }),

  step: (room, { stepMs, at, random }) => {
    const weather = wander(room.weather, { mean: 0, deviation: 2, tauMs: 1_800_000 }, stepMs, random)
    const outside = clamp(daily(at, { low: 3, high: 12, peakHour: 15 }) + weather, -15, 30)
    const warmth = outside + (room.heating ? heaterLift : 0)
    const celsius = lag(room.celsius, warmth, roomTauMs, stepMs)
    const heating = switched(room.heating, celsius, wanted(room))
    return { ...room, weather, outside, celsius, heating, boostMs: Math.max(0, room.boostMs - stepMs) }
  },

  read: (room, random) => ({
    temperature: noisy(room.celsius, 0.03, random),
    target: room.target,
    outside: noisy(room.outside, 0.05, random),
    power: room.heating ? noisy(heaterWatts, 8, random) : 0,
    heating: room.heating,
    mode: room.boostMs > 0 ? 'boost' : room.mode,
  }),
})

function wanted(room: Room): number {
  if (room.mode === 'off') return frostGuard
  if (room.boostMs > 0) return room.target + boostLift
  return room.mode === 'eco' ? room.target - ecoDrop : room.target
}

function switched(heating: boolean, celsius: number, target: number): boolean {
  if (celsius < target - hysteresis) return true
  if (celsius > target + hysteresis) return false
  return heating
}
