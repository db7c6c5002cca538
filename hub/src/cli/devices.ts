// `telehub devices`: who reports, and commands to them.

import { randomUUID } from 'node:crypto'
import { type Command as Cli, InvalidArgumentError, Option } from 'commander'
import type { Request } from '../client/http.ts'
import type { Command, CommandState, Device, DeviceList } from '../protocol/index.ts'
import { CliError, exit } from './exit.ts'
import { type CommonOptions, isJson, requestOf } from './hub-of.ts'
import type { Group } from './run.ts'
import { timeText } from './terminal.ts'

interface ListOptions extends CommonOptions {
  readonly status?: string
  readonly type?: string
  readonly tag?: string
  readonly search?: string
}
interface SendOptions extends CommonOptions {
  readonly param: readonly string[]
  readonly wait?: number
  readonly ttl?: number
  readonly ifOffline?: 'queue' | 'fail'
  readonly idempotencyKey?: string
}

/** A person waits this long for a device unless told otherwise; the hub keeps no request open for longer than 60 s. */
const defaultWaitSeconds = 30
const maxWaitSeconds = 60
const pageSize = 500

export const deviceCommands: Group = (program, { action, terminal }) => {
  const group = program.command('devices').description('Devices and commands to them.')

  group
    .command('list')
    .description('Devices with their presence and when they were last heard.')
    .option('--status <status>', 'live, late, silent or offline')
    .option('--type <type>', 'as in their profile')
    .option('--tag <tag>')
    .option('--search <text>', 'in id, name, type and tags')
    .action(
      action(async (options: ListOptions, command: Cli) => {
        const devices = await allDevices(await requestOf(command), options)
        if (isJson(command)) return terminal.json(devices)
        const headings = ['ID', 'NAME', 'TYPE', 'STATUS', 'VIA', 'LAST SEEN', 'TAGS']
        terminal.table(headings, devices.map(rowOf), 'No devices.')
      }),
    )

  group
    .command('send <id> <command>')
    .description('Send a command. Exit 5 when the device fails it, 124 when it does not answer in time.')
    .option('--param <name=value>', 'a parameter; again for more', (text, all: string[]) => [...all, text], [])
    .addOption(
      new Option('--wait [seconds]', `until it has ended, ${maxWaitSeconds} s at most`)
        .preset(String(defaultWaitSeconds))
        .argParser(readSeconds(maxWaitSeconds)),
    )
    .option('--ttl <seconds>', 'how long it may wait for the device', readSeconds(2_592_000))
    .addOption(
      new Option('--if-offline <what>', 'let it wait for the device, or fail at once').choices(['queue', 'fail']),
    )
    .option('--idempotency-key <key>', 'the same key again is the same command')
    .action(
      action(async (id: string, name: string, options: SendOptions, command: Cli) => {
        const request = await requestOf(command)
        const sent = await send(request, id, name, options)
        if (isJson(command)) terminal.json(sent)
        else {
          const result = sent.result === undefined ? '' : ` ${JSON.stringify(sent.result)}`
          terminal.out(`${sent.id} ${sent.state}${result}\n`)
          if (sent.error) terminal.note(`${sent.error.message} (${sent.error.code})`)
        }
        return options.wait === undefined ? exit.ok : exitOf[sent.state]
      }),
    )
}

/** Still under way when the wait is over counts as timed out: the person has no answer. */
const exitOf: Record<CommandState, number> = {
  queued: exit.timedOut,
  sent: exit.timedOut,
  delivered: exit.timedOut,
  running: exit.timedOut,
  succeeded: exit.ok,
  failed: exit.deviceFailed,
  rejected: exit.deviceFailed,
  'timed-out': exit.timedOut,
  expired: exit.timedOut,
  cancelled: exit.refused,
  unknown: exit.failed,
}

async function allDevices(request: Request, { status, type, tag, search: q }: ListOptions): Promise<Device[]> {
  const query = new URLSearchParams({ limit: String(pageSize), sort: 'id' })
  for (const [name, value] of Object.entries({ status, type, tag, q })) if (value !== undefined) query.set(name, value)
  const all: Device[] = []
  for (;;) {
    const { devices, next } = await request<DeviceList>('GET', `/devices?${query}`)
    all.push(...devices)
    if (next === undefined) return all
    query.set('cursor', next)
  }
}

function rowOf({ id, name, profile, presence, tags }: Device): unknown[] {
  const { status, via, lastSeenAt } = presence
  return [id, name, profile?.type, status, via, timeText(lastSeenAt), tags.join(' ')]
}

async function send(request: Request, id: string, name: string, options: SendOptions): Promise<Command> {
  const path = `/devices/${encodeURIComponent(id)}`
  const params = paramsOf(
    options.param,
    options.param.length > 0 ? await request<Device>('GET', path) : undefined,
    name,
  )
  const headers = {
    // A person's Enter is one command, however often the network makes us ask.
    'idempotency-key': options.idempotencyKey ?? randomUUID(),
    ...(options.wait !== undefined && { prefer: `wait=${options.wait}` }),
  }
  const body = { name, params, ttlMs: options.ttl && options.ttl * 1000, ifOffline: options.ifOffline }
  return request<Command>('POST', `${path}/commands`, body, { headers })
}

/** Text where the profile says so; otherwise what JSON makes of it: numbers, true and false, lists. */
function paramsOf(pairs: readonly string[], device: Device | undefined, command: string): Record<string, unknown> {
  const schema = device?.profile?.commands?.[command]?.params?.properties ?? {}
  const entries = pairs.map((pair) => {
    const [, name, text] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? []
    if (name === undefined || text === undefined) throw new CliError(exit.usage, `--param ${pair}: write name=value`)
    return [name, schema[name]?.type === 'string' ? text : jsonOr(text)]
  })
  return Object.fromEntries(entries)
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function readSeconds(max: number): (text: string) => number {
  return (text) => {
    const seconds = Number(text)
    if (Number.isInteger(seconds) && seconds >= 1 && seconds <= max) return seconds
    throw new InvalidArgumentError(`Write 1 to ${max} seconds.`)
  }
}
