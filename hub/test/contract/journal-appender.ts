// A process that appends until it is killed and prints what was acknowledged: the victim of the kill -9 test.

import { openJournal } from '../../src/adapters/journal/journal.ts'
import { quiet, realClock } from './surroundings.ts'

const [dir = '', firstSeq, segmentBytes] = process.argv.slice(2)
const journal = await openJournal({
  dir,
  maxBytes: 1 << 30,
  segmentBytes: Number(segmentBytes),
  clock: realClock,
  log: quiet,
})

let seq = Number(firstSeq)

/** As many of these run side by side as a small fleet has devices, so that groups of all sizes are written. */
async function appendForEver(rows: number): Promise<never> {
  for (;;) {
    const own = seq++
    const at = Array.from({ length: rows }, (_, i) => Date.now() + i)
    const common = { device: 'victim', receivedAt: Date.now(), stream: 's', seq: own }
    const end = await journal.append({ ...common, at, metrics: ['value'], columns: [at], count: rows })
    // A pipe is written synchronously here (Node, "process I/O"): what was acknowledged is printed at once.
    process.stdout.write(`${own} ${end} ok\n`)
  }
}

await Promise.all([1, 1, 2, 10, 50, 200].map(appendForEver))
