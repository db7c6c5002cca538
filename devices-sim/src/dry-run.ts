// A run without a hub: the readings of a fleet as lines, in virtual time, the same for the same seed on every machine.

import { calendarFrom } from './clock.ts'
import { startFleet } from './fleet.ts'
import type { Carrier, Message } from './links/carrier.ts'
import type { Options } from './options.ts'
import { planFleet } from './plan.ts'
import { kindsNamed } from './profiles/index.ts'
import { createTally } from './tally.ts'
import { createWheel } from './wheel.ts'

/** Lines of `{"device", "at", "values"}`, as fast as they are asked for; `at` is epoch ms, from `options.startAt` on. */
export function* dryRun(options: Options): Generator<string, void> {
  const wheel = createWheel()
  let lines: string[] = []
  const carrier = printer(
    (line) => lines.push(line),
    (run) => wheel.after(0, run),
  )
  startFleet({
    places: planFleet(options.fleet),
    kinds: kindsNamed(options.fleet.profiles.map(({ name }) => name)),
    seed: options.seed,
    rhythm: options.rhythm,
    commands: options.commands,
    carriers: { ws: carrier, http: carrier, mqtt: carrier },
    wheel,
    calendar: calendarFrom(options.startAt),
    present: wheel.now,
    tally: createTally(),
    run: 'dry-run',
  })

  for (let due = wheel.next(); due !== undefined && due < options.durationMs; due = wheel.next()) {
    wheel.turn(due)
    yield* lines
    lines = []
  }
}

/** A hub that is always there and takes everything. */
function printer(print: (line: string) => void, soon: (run: () => void) => void): Carrier {
  return ({ device }, events) => {
    soon(() => events.up(Infinity))
    return {
      transmit({ seq, readings }: Message) {
        for (const report of readings) print(`${JSON.stringify({ device, ...report })}\n`)
        soon(() => events.acked(seq, []))
      },
      reply() {},
      introduce() {},
      async goodbye() {},
      abort() {},
    }
  }
}
