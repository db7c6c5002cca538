// Turns flags and environment into frozen options, or says all that is wrong with them at once.

import { DeviceId, type Format, limits, subprotocols, Transport } from '@telehub/hub/protocol'
import type { CommandOptions } from './commands.ts'
import type { Rhythm } from './device.ts'
import type { FleetPlan, Weighted } from './plan.ts'
import { profileNames } from './profiles/index.ts'
import { nearest, parseDuration, parseMix, parseRate, parseShare } from './quantities.ts'

/** The flags as they were written. */
export interface Flags {
  readonly devices?: string
  readonly profile: string
  readonly transport: string
  readonly every: string
  readonly jitter: string
  readonly ramp: string
  readonly batch: string
  readonly format: string
  readonly seed: string
  readonly duration?: string
  readonly start: string
  readonly url: string
  readonly mqttUrl: string
  readonly key?: string
  readonly dataDir?: string
  readonly hostId: string
  readonly commandDelay: string
  readonly commandFailure: string
  readonly dryRun?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
}

export interface Options {
  readonly fleet: FleetPlan
  readonly rhythm: Rhythm
  readonly commands: CommandOptions
  readonly seed: number
  /** Infinity: until it is ended. */
  readonly durationMs: number
  /** Calendar time at which a dry run begins, epoch ms. */
  readonly startAt: number
  readonly url: string
  readonly mqttUrl: string
  /** Empty for a dry run. */
  readonly key: string
  readonly format: Format
  readonly dryRun: boolean
  readonly json: boolean
  readonly quiet: boolean
}

/** What was written cannot be done; `problems` are sentences for the person who wrote it. */
export class UsageError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'UsageError'
    this.problems = problems
  }
}

/** A dry run must end by itself. */
const dryRunMs = 60_000
const leastEveryMs = 10
/** So many reports of the widest profile stay well within `limits.messageBytes`. */
const mostBatch = Math.floor(limits.messageBytes / 256)
const mostDevices = 100_000

/** `readFile` gives the text of a file, or undefined where there is none. Throws UsageError. */
export function readOptions(
  flags: Flags,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string | undefined,
): Options {
  const problems: string[] = []

  function valid<Value>(value: Value | undefined, problem: string, fallback: Value): Value {
    if (value !== undefined) return value
    problems.push(problem)
    return fallback
  }

  function whole(flag: string, text: string, least: number, most: number): number {
    const number = /^\d+$/.test(text) ? Number(text) : Number.NaN
    const inRange = number >= least && number <= most ? number : undefined
    return valid(inRange, `${flag} takes a whole number from ${least} to ${most}, not "${text}".`, least)
  }

  function duration(flag: string, text: string, least: number): number {
    const ms = parseDuration(text)
    const enough = ms !== undefined && ms >= least ? ms : undefined
    const floor = least > 0 ? `, ${least}ms at least` : ''
    return valid(enough, `${flag} takes a time like 500ms, 1s, 10m or 2h${floor}, not "${text}".`, least)
  }

  function portion(flag: string, text: string, most: number): number {
    const share = parseShare(text)
    const fitting = share !== undefined && share <= most ? share : undefined
    return valid(fitting, `${flag} takes a share like 10%, up to ${most * 100}%, not "${text}".`, 0)
  }

  function mix<Name extends string>(
    flag: string,
    text: string,
    known: readonly Name[],
    example: string,
  ): Weighted<Name>[] {
    const choices = valid(parseMix(text), `${flag} takes a mix like ${example}, not "${text}".`, [])
    const isKnown = (choice: Weighted): choice is Weighted<Name> => known.some((name) => name === choice.name)
    for (const choice of choices) {
      if (isKnown(choice)) continue
      const guess = nearest(choice.name, known)
      const hint = guess ? `Did you mean ${guess}?` : `There are ${known.join(', ')}.`
      problems.push(`${flag} does not know "${choice.name}". ${hint}`)
    }
    return choices.filter(isKnown)
  }

  function address(flag: string, text: string, protocols: readonly string[]): string {
    const url = URL.canParse(text) ? new URL(text) : undefined
    const fitting = url && protocols.includes(url.protocol) ? text : undefined
    const forms = protocols.map((protocol) => `${protocol}//`).join(' or ')
    return valid(fitting, `${flag} takes an address that begins with ${forms}, not "${text}".`, '')
  }

  function fleet(): FleetPlan {
    const profiles = mix('--profile', flags.profile, profileNames, 'pump*3,meter')
    const transports = mix('--transport', flags.transport, Transport.options, 'ws:80,mqtt:20')
    const weights = Math.ceil(profiles.reduce((sum, { weight }) => sum + weight, 0))
    const devices = flags.devices === undefined ? weights : whole('--devices', flags.devices, 1, mostDevices)
    const rate = parseRate(flags.ramp)
    const rampPerSecond = valid(rate || undefined, `--ramp takes a rate like 100/s, not "${flags.ramp}".`, 1)
    const hostId = DeviceId.safeParse(flags.hostId).data
    const isHost = profiles.some(({ name }) => name === 'host')
    if (isHost && flags.dryRun) {
      problems.push('--dry-run shows models; the profile host is this computer, which no seed can repeat.')
    }
    if (isHost && profiles.every(({ name }) => name === 'host') && devices > 1) {
      problems.push(
        'The profile host is this one computer: name others for the other devices, as in host,pump*2,meter.',
      )
    }
    return {
      devices,
      profiles,
      transports,
      rampPerSecond,
      hostId: valid(hostId, `--host-id takes up to 64 of A-Z a-z 0-9 _ . : -, not "${flags.hostId}".`, 'host'),
    }
  }

  function key(): string {
    if (flags.dryRun) return ''
    const file = env.TELEHUB_KEY_FILE || `${flags.dataDir ?? env.TELEHUB_DATA_DIR ?? './data'}/keys/gateway.key`
    const found = flags.key || env.TELEHUB_KEY || readFile(file)?.trim() || undefined
    const advice = `There is no key: give --key, set TELEHUB_KEY, or start the hub first, which writes ${file}.`
    return valid(found, advice, '')
  }

  const formats = Object.keys(subprotocols) as Format[]
  const startAt = Date.parse(flags.start)
  const usualDurationMs = flags.dryRun ? dryRunMs : Infinity

  const options: Options = {
    fleet: fleet(),
    rhythm: {
      everyMs: duration('--every', flags.every, leastEveryMs),
      jitter: portion('--jitter', flags.jitter, 0.9),
      batch: whole('--batch', flags.batch, 1, mostBatch),
    },
    commands: {
      delayMs: duration('--command-delay', flags.commandDelay, 0),
      failureRate: portion('--command-failure', flags.commandFailure, 1),
    },
    seed: whole('--seed', flags.seed, 0, Number.MAX_SAFE_INTEGER),
    durationMs: flags.duration === undefined ? usualDurationMs : duration('--duration', flags.duration, 1),
    startAt: valid(Number.isNaN(startAt) ? undefined : startAt, `--start takes a time like 2026-01-01T00:00:00Z.`, 0),
    url: address('--url', flags.url, ['http:', 'https:']),
    mqttUrl: address('--mqtt-url', flags.mqttUrl, ['mqtt:', 'mqtts:', 'ws:', 'wss:']),
    key: key(),
    format: valid(
      formats.find((format) => format === flags.format),
      `--format is ${formats.join(' or ')}, not "${flags.format}".`,
      'json',
    ),
    dryRun: flags.dryRun ?? false,
    json: flags.json ?? false,
    quiet: flags.quiet ?? false,
  }
  if (problems.length > 0) throw new UsageError(problems)
  return Object.freeze(options)
}
