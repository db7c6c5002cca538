// From the arguments to an exit code: the program with its command groups, and the one place where failures get their code.

import { Command, CommanderError } from 'commander'
import { HubProblem } from '../client/index.ts'
import { deadLetterCommands } from './dead-letters.ts'
import { deviceCommands } from './devices.ts'
import { CliError, exit, exitFor } from './exit.ts'
import { keyCommands } from './keys.ts'
import { originCommands } from './origins.ts'
import { startCommand } from './start.ts'
import { tailCommand } from './tail.ts'
import type { Terminal } from './terminal.ts'

/** One group of commands adds itself to the program; its actions return an exit code, or nothing for 0. */
export type Group = (program: Command, cli: Cli) => void
export interface Cli {
  readonly terminal: Terminal
  /** Makes an action out of what it does; the last argument is the command with all its options. */
  action<Args extends unknown[]>(
    act: (...args: Args) => Promise<number> | Promise<void>,
  ): (...args: Args) => Promise<void>
}

/** Never throws and never ends the process: the exit code is the answer. */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  let code: number = exit.ok
  const cli: Cli = {
    terminal,
    action:
      (act) =>
      async (...given) => {
        const result = await act(...given)
        code = typeof result === 'number' ? result : exit.ok
      },
  }
  const program = new Command('telehub')
    .description('An IoT telemetry hub for browsers on other domains.')
    .option('--url <url>', 'the running hub (default: where TELEHUB_HOST and TELEHUB_PORT say)')
    .option('--key <key>', 'a key (default: the admin key in the data directory; better than here: --key-file)')
    .option('--key-file <file>', 'a file with a key')
    .option('--json', 'for machines: JSON on stdout')
    .configureOutput({ writeOut: terminal.out, writeErr: terminal.err })
    .exitOverride()
  for (const add of groups) add(program, cli)

  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    return failed(error, terminal)
  }
}

const groups: readonly Group[] = [
  startCommand,
  originCommands,
  keyCommands,
  deviceCommands,
  tailCommand,
  deadLetterCommands,
]

function failed(error: unknown, terminal: Terminal): number {
  // Commander has said it already, help included.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exit.ok : exit.usage
  if (error instanceof HubProblem) {
    terminal.note(`${error.message} (${error.code})`)
    for (const { pointer, detail } of error.errors ?? []) terminal.note(`  ${pointer}: ${detail}`)
    return exitFor(error.code)
  }
  terminal.note(error instanceof Error ? error.message : String(error))
  return error instanceof CliError ? error.exitCode : exit.failed
}
