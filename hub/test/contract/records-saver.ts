// A process that saves commands until it is killed and prints what was kept: the victim of the kill -9 test.

import { openRecords } from '../../src/adapters/sqlite/records.ts'
import { sampleCommand } from './sample-command.ts'

const [file = '', prefix] = process.argv.slice(2)
const { commands } = await openRecords({ file })

let next = 0

async function saveForEver(): Promise<never> {
  for (;;) {
    const id = `${prefix}${next++}`
    await commands.save(sampleCommand(id))
    // A pipe is written synchronously here (Node, "process I/O"): what was kept is printed at once.
    process.stdout.write(`${id} ok\n`)
  }
}

await Promise.all([saveForEver(), saveForEver(), saveForEver()])
