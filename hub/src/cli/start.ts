// `telehub start`: the hub itself, until it is told to stop.

import type { Group } from './run.ts'

export const startCommand: Group = (program, { action }) => {
  program
    .command('start')
    .description('Run the hub; TELEHUB_* variables say how.')
    .action(
      action(async () => {
        // Reads its own configuration, answers signals, and ends the process when it is done.
        await import('../main.ts')
      }),
    )
}
