// A run against a hub, from the first device to the summary: the file to read first.

import { randomUUID } from 'node:crypto'
import { createClock, turnInRealTime } from './clock.ts'
import { startFleet } from './fleet.ts'
import { carriersTo } from './links/transports.ts'
import type { Options } from './options.ts'
import { planFleet, type Weighted } from './plan.ts'
import { kindsNamed } from './profiles/index.ts'
import type { RunState } from './report.ts'
import { createTally } from './tally.ts'
import { startView, type ViewParts } from './view.ts'
import { createWheel } from './wheel.ts'

/** `duration`: it was over. `stopped`: someone ended it. `refused`: the hub would have none of the devices. */
export type Ended = 'duration' | 'stopped' | 'refused'

export interface Run {
  /** Resolves when the devices have said goodbye. */
  readonly over: Promise<{ ended: Ended; state: RunState }>
  stop(): void
}

/** How long a goodbye waits for what is not acknowledged yet. */
const drainMs = 3_000
const checkEveryMs = 500

export function startRun(options: Options, shown: Pick<ViewParts, 'out' | 'colors'>): Run {
  const clock = createClock()
  const wheel = createWheel({ clock: clock.elapsed })
  const tally = createTally()
  const fleet = startFleet({
    places: planFleet(options.fleet),
    kinds: kindsNamed(options.fleet.profiles.map(({ name }) => name)),
    seed: options.seed,
    rhythm: options.rhythm,
    commands: options.commands,
    carriers: carriersTo(options),
    wheel,
    calendar: clock,
    present: clock.elapsed,
    tally,
    run: randomUUID().slice(0, 8),
  })
  let end: (ended: Ended) => void = () => {}
  const ending = new Promise<Ended>((resolve) => {
    end = resolve
  })

  const look = createLook()
  const endView = options.quiet
    ? () => {}
    : startView({ ...shown, heading: headingOf(options, fleet.size), wheel, look })
  if (Number.isFinite(options.durationMs)) wheel.after(options.durationMs, () => end('duration'))
  wheel.after(checkEveryMs, check)
  const stopTurning = turnInRealTime(wheel, clock)

  /** A run whose every device was turned away has nothing left to wait for. */
  function check() {
    if (tally.counts().links.refused === fleet.size) return end('refused')
    wheel.after(checkEveryMs, check)
  }

  async function finish(): Promise<{ ended: Ended; state: RunState }> {
    const ended = await ending
    await fleet.stop(drainMs)
    endView()
    stopTurning()
    return { ended, state: look() }
  }

  /** Remembers the last look, so that rates are those of the time in between. */
  function createLook(): () => RunState {
    let before = { elapsedMs: 0, acknowledged: 0 }
    let perSecond = 0
    return () => {
      const counts = tally.counts()
      const now = { elapsedMs: clock.elapsed(), acknowledged: counts.readings.acknowledged }
      const seconds = (now.elapsedMs - before.elapsedMs) / 1_000
      if (seconds > 0.1) {
        perSecond = (now.acknowledged - before.acknowledged) / seconds
        before = now
      }
      const elapsedMs = Math.round(now.elapsedMs)
      return { ...counts, elapsedMs, perSecond, size: fleet.size, started: fleet.started(), pending: fleet.pending() }
    }
  }

  return { over: finish(), stop: () => end('stopped') }
}

function headingOf({ url, mqttUrl, seed, fleet }: Options, size: number): string {
  const ways = names(fleet.transports)
  const where = ways === 'mqtt' ? new URL(mqttUrl).host : new URL(url).host
  return `telehub-sim · ${size} devices · ${ways} → ${where} · seed ${seed}`
}

function names(choices: readonly Weighted[]): string {
  return choices.map(({ name }) => name).join('+')
}
