// Brings the devices of a plan to life one after the other, and ends them together.

import type { Transport } from '@telehub/hub/protocol'
import type { Clock } from './clock.ts'
import type { CommandOptions } from './commands.ts'
import { type Device, type Rhythm, startDevice } from './device.ts'
import type { Carrier } from './links/carrier.ts'
import { createLink } from './links/link.ts'
import { type Place, randomOf } from './plan.ts'
import type { Kind } from './profiles/model.ts'
import type { Tally } from './tally.ts'
import type { Elapsed, Wheel } from './wheel.ts'

export interface FleetParts {
  readonly places: readonly Place[]
  readonly kinds: ReadonlyMap<string, Kind>
  readonly seed: number
  readonly rhythm: Rhythm
  readonly commands: CommandOptions
  readonly carriers: Readonly<Record<Transport, Carrier>>
  readonly wheel: Wheel
  readonly calendar: Pick<Clock, 'at'>
  readonly present: () => Elapsed
  readonly tally: Tally
  /** A name that no other run has, from which streams are named: numbers of another run are not ours. */
  readonly run: string
}

export interface Fleet {
  readonly size: number
  /** Devices that have started. */
  started(): number
  /** Readings that are kept for want of an acknowledgement. */
  pending(): number
  /** Says goodbye to all, after waiting up to `withinMs` for what is not acknowledged. */
  stop(withinMs: number): Promise<void>
}

/** A fleet together keeps at most so many messages that are not acknowledged, and a device so many of them. */
const messagesKept = 200_000
const messagesKeptByDevice = 1_000
const leastMessagesKept = 64

export function startFleet(parts: FleetParts): Fleet {
  const { places, wheel } = parts
  const devices: Device[] = []
  let stopped = false

  for (const place of places) {
    wheel.at(wheel.now() + place.startMs, () => {
      if (!stopped) devices.push(start(place, parts))
    })
  }

  return {
    size: places.length,
    started: () => devices.length,
    pending: () => devices.reduce((sum, device) => sum + device.pending(), 0),
    async stop(withinMs) {
      stopped = true
      await Promise.all(devices.map((device) => device.stop(withinMs)))
    },
  }
}

function start(place: Place, parts: FleetParts): Device {
  const { places, kinds, seed, rhythm, commands, carriers, wheel, calendar, present, tally, run } = parts
  const kind = kinds.get(place.profile)
  if (!kind) throw new Error(`There is no profile ${place.profile}.`)
  const random = randomOf(seed, place.id)
  const profile = kind.describe({ name: place.name, everyMs: rhythm.everyMs, tags: place.tags })

  return startDevice({
    identity: { device: place.id, stream: `${run}-${place.id}`.slice(0, 64), profile },
    kind,
    rhythm,
    commands,
    random,
    wheel,
    calendar,
    present,
    events: tally.of(place.id),
    open: (identity, events) => {
      const carrier = carriers[place.transport]
      return createLink(identity, { carrier, wheel, random: random.fork('link'), keep: keepFor(places.length) }, events)
    },
  })
}

function keepFor(devices: number): number {
  return Math.max(leastMessagesKept, Math.min(messagesKeptByDevice, Math.floor(messagesKept / devices)))
}
