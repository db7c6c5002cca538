// One device: a machine that reports in its own rhythm over its link, and does what it is told.

import type { Profile } from '@telehub/hub/protocol'
import type { Clock } from './clock.ts'
import { type CommandOptions, createCommands, type Ended } from './commands.ts'
import type { Identity, Report } from './links/carrier.ts'
import type { Link, LinkEvents } from './links/link.ts'
import type { Kind } from './profiles/model.ts'
import type { Random } from './signals/random.ts'
import type { Elapsed, Wheel } from './wheel.ts'

/** How devices report. */
export interface Rhythm {
  readonly everyMs: number
  /** Each wait is longer or shorter by up to this share, 0 to under 1. */
  readonly jitter: number
  /** Reports that travel in one message. */
  readonly batch: number
}

export interface DeviceEvents extends Omit<LinkEvents, 'command'> {
  /** Readings that were made, whatever becomes of them. */
  made(count: number): void
  /** Reports that a machine too busy to keep up left out. */
  skipped(reports: number): void
  commandBegan(): void
  commandEnded(state: Ended): void
}

export interface DeviceParts {
  readonly identity: Identity
  readonly kind: Kind
  readonly rhythm: Rhythm
  readonly commands: CommandOptions
  readonly random: Random
  readonly wheel: Wheel
  readonly calendar: Pick<Clock, 'at'>
  /** The time that is, not the one that was due: what is too far behind it is left out. */
  readonly present: () => Elapsed
  open(identity: Identity, events: LinkEvents): Link
  readonly events: DeviceEvents
}

export interface Device {
  readonly id: string
  pending(): number
  /** Reports no more, sends what is left, and says goodbye. */
  stop(withinMs: number): Promise<void>
}

/** A device that is later than this goes on from now. */
const mostBehindMs = 10_000
/** Before its first report a machine runs so long, to be somewhere in the midst of its life. */
const warmUpMs = 1_000
/** The first report comes at once, but not from all devices in one instant. */
const firstWithinMs = 1_000

/** Starts to live, and to connect, at once. */
export function startDevice(parts: DeviceParts): Device {
  const { identity, kind, rhythm, random, wheel, calendar, present, events } = parts
  const machine = kind.create(random.fork('model'))
  const pace = random.fork('pace')
  let profile: Profile = identity.profile
  let everyMs = rhythm.everyMs
  let advancedTo: Elapsed = wheel.now()
  let reportedAt = 0
  let seq = 0
  let batch: Report[] = []
  let stopped = false
  let cancelNext = () => {}

  machine.advance(warmUpMs, calendar.at(advancedTo))

  const link = parts.open(identity, {
    ...events,
    refused: (reason) => {
      halt()
      events.refused(reason)
    },
    command: (command) => commands.hear(command),
  })

  const commands = createCommands({
    ...parts.commands,
    wheel,
    random: random.fork('commands'),
    take: machine.take,
    refresh,
    reply: (reply) => link.reply(reply),
    began: events.commandBegan,
    ended(state, work) {
      events.commandEnded(state)
      if (state === 'succeeded' && work?.everyMs !== undefined) changeRhythm(work.everyMs)
      // Whoever gave the command should not have to wait a long interval to see its effect.
      if (state === 'succeeded') report()
    },
  })

  function refresh(): void {
    const now = wheel.now()
    machine.advance(now - advancedTo, calendar.at(now))
    advancedTo = now
  }

  function report(): void {
    if (stopped) return
    refresh()
    const at = calendar.at(advancedTo)
    // Two reports of one millisecond would be one reading to the hub, the later of them lost.
    if (at <= reportedAt) return
    reportedAt = at
    batch.push({ at, values: machine.read() })
    if (batch.length >= rhythm.batch) flush()
  }

  function flush(): void {
    if (batch.length === 0) return
    const count = batch.reduce((sum, { values }) => sum + Object.keys(values).length, 0)
    events.made(count)
    link.send({ seq, readings: batch, count })
    seq += 1
    batch = []
  }

  function beat(): void {
    report()
    schedule(everyMs * (1 + pace.between(-rhythm.jitter, rhythm.jitter)))
  }

  function schedule(waitMs: number): void {
    let due = wheel.now() + waitMs
    const behindMs = present() - due
    if (behindMs > mostBehindMs) {
      events.skipped(Math.floor(behindMs / everyMs))
      due = present()
    }
    cancelNext = wheel.at(due, beat)
  }

  function changeRhythm(changedMs: number): void {
    everyMs = changedMs
    profile = { ...profile, reportEveryMs: changedMs }
    link.introduce(profile)
    cancelNext()
    schedule(everyMs)
  }

  function halt(): void {
    stopped = true
    cancelNext()
  }

  // The second report comes after a random part of the time, so that a fleet does not tick in step.
  cancelNext = wheel.after(pace.next() * Math.min(everyMs, firstWithinMs), () => {
    report()
    schedule(everyMs * pace.next())
  })

  return {
    id: identity.device,
    pending: () => link.pending(),
    async stop(withinMs) {
      halt()
      flush()
      await link.close(withinMs)
    },
  }
}
