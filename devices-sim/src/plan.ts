// Who is in a fleet: ids, profiles and transports, shared out by weight. Pure: the same wishes, the same fleet.

import type { Transport } from '@telehub/hub/protocol'
import { createRandom } from './signals/random.ts'

/** A choice and how often it is made, beside the others. */
export interface Weighted<Name extends string = string> {
  readonly name: Name
  readonly weight: number
}

export interface FleetPlan {
  readonly devices: number
  readonly profiles: readonly Weighted[]
  readonly transports: readonly Weighted<Transport>[]
  /** Devices that start each second. */
  readonly rampPerSecond: number
  readonly hostId: string
}

/** One device to be. */
export interface Place {
  readonly id: string
  readonly name: string
  readonly profile: string
  readonly transport: Transport
  readonly tags: string[]
  readonly startMs: number
}

/** There is one computer here, so there is one `host`; its share beyond that goes to the others. */
const unique = 'host'
const halls = 3

export function planFleet({ devices, profiles, transports, rampPerSecond, hostId }: FleetPlan): Place[] {
  const kinds = share(devices, profiles, { unique })
  const ways = share(kinds.length, transports)
  const numbers = new Map<string, number>()

  return kinds.map((profile, index): Place => {
    const number = (numbers.get(profile) ?? 0) + 1
    numbers.set(profile, number)
    const common = { profile, transport: ways[index] ?? 'ws', startMs: (index * 1_000) / rampPerSecond }
    if (profile === unique) return { ...common, id: hostId, name: hostId, tags: ['host'] }
    const id = `${profile}-${String(number).padStart(4, '0')}`
    return { ...common, id, name: `${titled(profile)} ${number}`, tags: [`hall-${((number - 1) % halls) + 1}`] }
  })
}

/**
 * `count` choices in the ratio of their weights, evenly mixed: each next one is the one that is most behind its share
 * (smooth weighted round robin). As many choices as there are fewer than `count` when only the unique one is left.
 */
export function share<Name extends string>(
  count: number,
  choices: readonly Weighted<Name>[],
  { unique: single }: { unique?: string } = {},
): Name[] {
  let open = choices.map((choice) => ({ ...choice, credit: 0 }))
  const chosen: Name[] = []
  while (chosen.length < count && open.length > 0) {
    const total = open.reduce((sum, { weight }) => sum + weight, 0)
    for (const choice of open) choice.credit += choice.weight
    const next = open.reduce((best, choice) => (choice.credit > best.credit ? choice : best))
    next.credit -= total
    chosen.push(next.name)
    if (next.name === single) open = open.filter((choice) => choice !== next)
  }
  return chosen
}

/** The chance of one device: its own, so that another one more in the fleet changes nothing for it. */
export function randomOf(seed: number, id: string) {
  return createRandom(`${seed}/${id}`)
}

function titled(profile: string): string {
  return profile.charAt(0).toUpperCase() + profile.slice(1)
}
