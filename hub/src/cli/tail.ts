// `telehub tail`: readings as they come in, one line each.

import { type Command, InvalidArgumentError } from 'commander'
import type { ConnectionState, HubClient } from '../client/index.ts'
import { printable } from '../core/access/printable.ts'
import type { Segment } from '../protocol/index.ts'
import { colours } from './colours.ts'
import { exit } from './exit.ts'
import { type CommonOptions, clientOf, isJson } from './hub-of.ts'
import type { Group } from './run.ts'
import type { Terminal } from './terminal.ts'

interface TailOptions extends CommonOptions {
  readonly count?: number
}

export const tailCommand: Group = (program, { action, terminal }) => {
  program
    .command('tail [device...]')
    .description('Live readings of these devices, or of all, until Ctrl-C.')
    .option('--count <lines>', 'stop after so many', readCount)
    .action(
      action(async (devices: string[], { count }: TailOptions, command: Command) => {
        const hub = await clientOf(command)
        try {
          return await follow(hub, devices, {
            terminal,
            json: isJson(command),
            count: count ?? Number.POSITIVE_INFINITY,
          })
        } finally {
          hub.close()
        }
      }),
    )
}

/** Resolves with the exit code: the count is reached, Ctrl-C, or the hub refuses. */
function follow(
  hub: HubClient,
  devices: string[],
  { terminal, json, count }: { terminal: Terminal; json: boolean; count: number },
): Promise<number> {
  return new Promise((resolve) => {
    let left = count
    const finish = (code: number) => {
      process.off('SIGINT', interrupted)
      resolve(code)
    }
    const interrupted = () => finish(exit.interrupted)
    process.once('SIGINT', interrupted)

    hub.on('state', (state) => {
      if (state.kind !== 'closed') terminal.note(colours.dim(wordsOf(state, hub.url)))
      if (state.kind === 'unauthorised' || state.kind === 'version-mismatch') finish(exit.refused)
    })
    hub.watch(
      { devices: devices.length > 0 ? devices : '*', mode: 'all' },
      {
        readings(segment) {
          for (const line of linesOf(segment, json)) {
            if (left-- > 0) terminal.out(`${line}\n`)
          }
          if (left <= 0) finish(exit.ok)
        },
        error({ code, detail }) {
          terminal.note(`${detail} (${code})`)
          finish(code === 'not-found' ? exit.notFound : exit.refused)
        },
      },
    )
  })
}

function* linesOf({ device, at, values }: Segment, json: boolean): Generator<string> {
  for (const [i, time] of at.entries()) {
    const present = Object.entries(values).flatMap(([metric, column]) => {
      const value = column[i]
      return value === null || value === undefined ? [] : [[metric, value] as const]
    })
    if (json) yield JSON.stringify({ device, at: time, values: Object.fromEntries(present) })
    else {
      const shown = present.map(([metric, value]) => `${metric}=${colours.bold(printable(String(value)))}`)
      yield `${colours.dim(new Date(time).toISOString())} ${colours.cyan(device)} ${shown.join(' ')}`
    }
  }
}

function wordsOf(state: ConnectionState, url: string): string {
  if (state.kind === 'live') return `following ${url}`
  if (state.kind === 'reconnecting') return `${state.reason} Trying again …`
  return 'detail' in state ? state.detail : state.kind
}

function readCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1) return count
  throw new InvalidArgumentError('Write a whole number.')
}
