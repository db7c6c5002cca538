// A centrifugal pump: speed drives flow, pressure by its square, and warms the motor; starting and stopping take time.

import { lag, ramp } from '../signals/approach.ts'
import { clamp } from '../signals/bounds.ts'
import { noisy, wander } from '../signals/noise.ts'
import { defineKind, type Problem } from './model.ts'

interface Pump {
  readonly on: boolean
  readonly target: number
  readonly rpm: number
  readonly flow: number
  readonly celsius: number
  /** How far those who take the water have opened: 1 is fully. */
  readonly valve: number
}

const fullSpeed = 3_000
const rpmPerSecond = 500
const litresPerTurn = 0.04
const fullPressureBar = 6
const demand = { mean: 0.85, deviation: 0.06, tauMs: 20_000 }
const ambientCelsius = 22
const motorHeat = 45
/** A motor warms over minutes; a minute here, so that a person can watch it. */
const motorTauMs = 60_000
const flowTauMs = 800
/** Near enough to the wanted speed to call it reached. */
const reachedRpm = 15

export const pump = defineKind<Pump>({
  type: 'pump',
  title: 'Pump',
  firmware: '1.4.2',
  metrics: {
    flow: { type: 'number', unit: 'l/min', title: 'Flow', precision: 1, min: 0, max: 130, primary: true },
    pressure: { type: 'number', unit: 'bar', title: 'Pressure', precision: 2, min: 0, max: 8 },
    rpm: { type: 'number', unit: 'rpm', title: 'Speed', precision: 0, min: 0, max: 3_100 },
    temperature: { type: 'number', unit: '°C', title: 'Motor', precision: 1, min: -20, max: 120 },
    running: { type: 'boolean', title: 'Running' },
    state: { type: 'string', title: 'State' },
  },
  commands: {
    set_speed: {
      profile: {
        title: 'Set speed',
        description: 'Runs up or down to a speed; done when it is reached.',
        timeoutMs: 15_000,
        idempotent: true,
        params: {
          type: 'object',
          required: ['rpm'],
          properties: {
            rpm: { type: 'integer', title: 'Speed', minimum: 0, maximum: fullSpeed, default: 1_500, unit: 'rpm' },
          },
        },
      },
      take: (pump, params) => {
        if (!pump.on) return { refused: { code: 'stopped', message: 'The pump is stopped; start it first.' } }
        return moving({ ...pump, target: Number(params.rpm) }, pump.rpm)
      },
    },
    start: {
      profile: { title: 'Start', description: 'Runs up to the speed last set.', timeoutMs: 15_000, idempotent: true },
      take: (pump) => moving({ ...pump, on: true }, pump.rpm),
    },
    stop: {
      profile: { title: 'Stop', description: 'Runs down and stands still.', timeoutMs: 15_000, idempotent: true },
      take: (pump) => moving({ ...pump, on: false }, pump.rpm),
    },
  },

  begin: (random) => {
    const target = 100 * Math.round(random.between(12, 22))
    const celsius = ambientCelsius + motorHeat * (target / fullSpeed) ** 2 - random.between(2, 8)
    return { on: true, target, rpm: target, flow: target * litresPerTurn * demand.mean, celsius, valve: demand.mean }
  },

  step: (pump, { stepMs, random }) => {
    const valve = clamp(wander(pump.valve, demand, stepMs, random), 0.4, 1)
    const rpm = ramp(pump.rpm, wanted(pump), rpmPerSecond, stepMs)
    const warmth = ambientCelsius + motorHeat * (rpm / fullSpeed) ** 2
    return {
      ...pump,
      rpm,
      valve,
      flow: lag(pump.flow, rpm * litresPerTurn * valve, flowTauMs, stepMs),
      celsius: lag(pump.celsius, warmth, motorTauMs, stepMs),
    }
  },

  read: (pump, random) => {
    const turning = pump.rpm > 0
    return {
      flow: turning ? noisy(pump.flow, 0.4, random) : pump.flow,
      pressure: turning ? noisy(pressureOf(pump), 0.02, random) : 0,
      rpm: turning ? noisy(pump.rpm, 3, random) : 0,
      temperature: noisy(pump.celsius, 0.1, random),
      running: pump.on,
      state: stateOf(pump),
    }
  },
})

/** By the square of the speed, and higher where less of it can flow off. */
function pressureOf({ rpm, valve }: Pump): number {
  return fullPressureBar * (rpm / fullSpeed) ** 2 * (1.4 - 0.4 * valve)
}

const wanted = (pump: Pump) => (pump.on ? pump.target : 0)

/** Under way until the speed is reached; a later command that wants another speed ends it. */
function moving(state: Pump, fromRpm: number) {
  const goal = wanted(state)
  const way = Math.abs(goal - fromRpm)
  return {
    state,
    progress: (now: Pump): number | Problem => {
      if (wanted(now) !== goal) return { code: 'superseded', message: 'A later command set another speed.' }
      const left = Math.abs(goal - now.rpm)
      return left <= reachedRpm ? 1 : 1 - left / way
    },
    result: (now: Pump) => ({ rpm: Math.round(now.rpm) }),
  }
}

function stateOf(pump: Pump): string {
  if (Math.abs(wanted(pump) - pump.rpm) <= reachedRpm) return pump.on ? 'running' : 'stopped'
  return wanted(pump) > pump.rpm ? 'speeding up' : 'slowing down'
}
