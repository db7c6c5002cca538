// What a real instrument adds to the truth: jitter on each value, and slow wandering.

import type { Random } from './random.ts'

/** `value` as an instrument with this deviation would show it. */
export function noisy(value: number, deviation: number, random: Random): number {
  return value + random.normal() * deviation
}

export interface Wandering {
  mean: number
  /** How far it usually strays. */
  deviation: number
  /** How long it takes to forget where it was. */
  tauMs: number
}

/** A mean-reverting walk (Ornstein–Uhlenbeck) by its exact solution, so its spread is the same for any step. */
export function wander(value: number, { mean, deviation, tauMs }: Wandering, stepMs: number, random: Random): number {
  const kept = Math.exp(-stepMs / tauMs)
  return mean + (value - mean) * kept + deviation * Math.sqrt(1 - kept * kept) * random.normal()
}
