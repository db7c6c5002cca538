// An electricity meter: its count only rises, by a load that follows the day and is now and then much higher.

import { clamp } from '../signals/bounds.ts'
import { daily, hourOf } from '../signals/daily.ts'
import { noisy, wander } from '../signals/noise.ts'
import { defineKind } from './model.ts'

interface Meter {
  readonly kilowattHours: number
  readonly watts: number
  /** The household's habits, a factor on the usual load of the hour. */
  readonly habit: number
  /** A kettle, an oven: how much, and for how long yet. */
  readonly extraWatts: number
  readonly extraMs: number
  readonly volts: number
  readonly night: boolean
  readonly identifyMs: number
}

const wattMsPerKilowattHour = 3_600_000_000
const extraEveryMs = 240_000

export const meter = defineKind<Meter>({
  type: 'meter',
  title: 'Meter',
  firmware: '3.0.7',
  metrics: {
    power: { type: 'number', unit: 'W', title: 'Power', precision: 0, min: 0, max: 12_000, primary: true },
    energy: { type: 'number', unit: 'kWh', title: 'Energy', precision: 4, min: 0 },
    voltage: { type: 'number', unit: 'V', title: 'Voltage', precision: 1, min: 207, max: 253 },
    tariff: { type: 'string', title: 'Tariff' },
    identifying: { type: 'boolean', title: 'Lamp blinks' },
  },
  commands: {
    identify: {
      profile: {
        title: 'Identify',
        description: 'Blinks its lamp, so that someone in front of it knows which one it is.',
        timeoutMs: 90_000,
        idempotent: true,
        params: {
          type: 'object',
          properties: {
            seconds: { type: 'integer', title: 'For', minimum: 1, maximum: 60, default: 5, unit: 's' },
          },
        },
      },
      take: (meter, params) => {
        const seconds = Number(params.seconds ?? 5)
        return {
          state: { ...meter, identifyMs: seconds * 1_000 },
          progress: (now) => 1 - now.identifyMs / (seconds * 1_000),
          result: () => ({ seconds }),
        }
      },
    },
    reset: {
      profile: {
        title: 'Reset count',
        description: 'Sets the count to zero. Sealed meters refuse this.',
        timeoutMs: 10_000,
        dangerous: true,
      },
      take: () => ({ refused: { code: 'sealed', message: 'This meter is sealed: its count can only rise.' } }),
    },
  },

  begin: (random) => ({
    kilowattHours: random.between(1_000, 30_000),
    watts: 300,
    habit: random.between(0.7, 1.4),
    extraWatts: 0,
    extraMs: 0,
    volts: 230,
    night: false,
    identifyMs: 0,
  }),

  step: (meter, { stepMs, at, random }) => {
    const begins = meter.extraMs <= 0 && random.chance(stepMs / extraEveryMs)
    const extraMs = begins ? random.between(20_000, 90_000) : Math.max(0, meter.extraMs - stepMs)
    const extraWatts = begins ? random.between(800, 2_400) : extraMs > 0 ? meter.extraWatts : 0
    const habit = clamp(wander(meter.habit, { mean: 1, deviation: 0.25, tauMs: 300_000 }, stepMs, random), 0.3, 2.5)
    const watts = usual(at) * habit + extraWatts
    return {
      watts,
      habit,
      extraMs,
      extraWatts,
      kilowattHours: meter.kilowattHours + (watts * stepMs) / wattMsPerKilowattHour,
      volts: wander(meter.volts, { mean: 230, deviation: 2, tauMs: 60_000 }, stepMs, random),
      night: hourOf(at) < 6 || hourOf(at) >= 22,
      identifyMs: Math.max(0, meter.identifyMs - stepMs),
    }
  },

  read: (meter, random) => ({
    power: noisy(meter.watts, 4, random),
    energy: meter.kilowattHours,
    voltage: noisy(meter.volts, 0.2, random),
    tariff: meter.night ? 'night' : 'day',
    identifying: meter.identifyMs > 0,
  }),
})

/** A household: least before sunrise, most in the evening. */
function usual(at: number): number {
  return daily(at, { low: 150, high: 750, peakHour: 18 })
}
