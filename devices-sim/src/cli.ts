#!/usr/bin/env node
// `telehub-sim`: the one place that reads arguments and environment and decides the exit code.

import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Command, CommanderError } from 'commander'
import { dryRun } from './dry-run.ts'
import { type Flags, type Options, readOptions, UsageError } from './options.ts'
import { profileNames } from './profiles/index.ts'
import { summaryJson, summaryText } from './report.ts'
import { type Ended, startRun } from './run.ts'

const exit = { ok: 0, failed: 1, usage: 2, refused: 4, interrupted: 130 } as const

const program = new Command('telehub-sim')
  .description('A fleet of simulated devices for a Telehub hub: seeded, with physics, and answering commands.')
  .option('-n, --devices <n>', 'how many devices (default: one for each weight of --profile)')
  .option(
    '-p, --profile <mix>',
    `what they are, with weights: ${profileNames.join(', ')}`,
    'pump,thermostat,meter,freezer',
  )
  .option('-t, --transport <mix>', 'ws, http, mqtt, or a mix like ws:80,mqtt:20', 'ws')
  .option('--every <time>', 'time between two reports of a device', '1s')
  .option('--jitter <share>', 'each of these times is longer or shorter by up to this', '10%')
  .option('--ramp <rate>', 'how fast devices start', '100/s')
  .option('--batch <n>', 'reports in one message', '1')
  .option('--format <format>', 'json or msgpack, over ws', 'json')
  .option('--seed <n>', 'the same seed gives the same readings', '1')
  .option('--duration <time>', 'end after this (default: on Ctrl-C; a dry run after 1m)')
  .option('--url <url>', 'the hub', 'http://127.0.0.1:8080')
  .option('--mqtt-url <url>', 'the broker', 'mqtt://127.0.0.1:1883')
  .option('--key <key>', 'a gateway key (default: TELEHUB_KEY, else <data dir>/keys/gateway.key)')
  .option('--data-dir <dir>', 'where the hub keeps its data (default: TELEHUB_DATA_DIR, else ./data)')
  .option('--host-id <id>', 'the id of this computer, for the profile host', 'host')
  .option('--command-delay <time>', 'before a device begins with a command', '100ms')
  .option('--command-failure <share>', 'commands that fail for no reason', '0%')
  .option('--dry-run', 'print the readings as lines of JSON, without a hub')
  .option('--start <time>', 'when a dry run begins, on its own calendar', '2026-01-01T00:00:00Z')
  .option('--json', 'print the summary as one line of JSON')
  .option('-q, --quiet', 'print only the summary')
  .allowExcessArguments(false)
  .addHelpText(
    'after',
    `
Examples:
  telehub-sim --devices 20 --profile pump*3,meter --seed 7
  telehub-sim --devices 100 --transport ws:80,mqtt:20 --every 5s --duration 10m --json
  telehub-sim --profile host,pump,freezer
  telehub-sim --dry-run --devices 2 --duration 1h > readings.ndjson

Ends with 0 when --duration is over or on SIGTERM, 130 on Ctrl-C, 1 when no device ever reached the hub,
2 when an option is wrong, 4 when the hub refused every device. A second Ctrl-C ends it at once.`,
  )
  .exitOverride()

process.exitCode = await main().catch((error: unknown) => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage
  if (!(error instanceof UsageError)) throw error
  for (const problem of error.problems) process.stderr.write(`${problem}\n`)
  process.stderr.write('See telehub-sim --help.\n')
  return exit.usage
})

async function main(): Promise<number> {
  const flags = program.parse().opts<Flags>()
  const options = readOptions(flags, process.env, readText)
  return options.dryRun ? print(options) : live(options)
}

async function print(options: Options): Promise<number> {
  await pipeline(Readable.from(dryRun(options)), process.stdout).catch((error: NodeJS.ErrnoException) => {
    // The reader, `head` for one, has seen enough.
    if (error.code !== 'EPIPE') throw error
  })
  return exit.ok
}

async function live(options: Options): Promise<number> {
  const run = startRun(options, { out: process.stderr, colors: !process.env.NO_COLOR })
  let interrupted = false
  process.once('SIGINT', () => {
    interrupted = true
    process.once('SIGINT', () => process.exit(exit.interrupted))
    run.stop()
  })
  process.once('SIGTERM', () => run.stop())

  const { ended, state } = await run.over
  process.stdout.write(`${options.json ? summaryJson(state, { seed: options.seed, ended }) : summaryText(state)}\n`)
  if (interrupted) return exit.interrupted
  return exitCodeOf(ended, state.links.opened > 0)
}

function exitCodeOf(ended: Ended, everOnline: boolean): number {
  if (ended === 'refused') return exit.refused
  return ended === 'duration' && !everOnline ? exit.failed : exit.ok
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
