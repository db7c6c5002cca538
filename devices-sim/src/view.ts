// Shows a run while it goes on: on a terminal a table in place, elsewhere a line every ten seconds.

import type { WriteStream } from 'node:tty'
import picocolors from 'picocolors'
import { plainLine, type RunState, table } from './report.ts'
import type { Wheel } from './wheel.ts'

export interface ViewParts {
  readonly colors: boolean
  readonly out: Pick<WriteStream, 'write'> & { readonly isTTY?: boolean; readonly columns?: number }
  readonly heading: string
  readonly wheel: Wheel
  look(): RunState
}

const tableEveryMs = 1_000
const lineEveryMs = 10_000
const usualWidth = 80

/** The answer shows it a last time and ends it. */
export function startView({ out, colors: colored, heading, wheel, look }: ViewParts): () => void {
  const colors = picocolors.createColors(colored && out.isTTY === true)
  let shownLines = 0
  let cancel = () => {}

  function showTable(): void {
    const lines = table(look(), { heading, width: (out.columns ?? usualWidth) - 1, colors })
    // Up to where the table began, then each line anew: what is shorter now is wiped to its end, and so is what follows.
    const up = shownLines > 0 ? `\x1b[${shownLines}A` : ''
    out.write(`${up}${lines.map((line) => `\r${line}\x1b[K\n`).join('')}\x1b[J`)
    shownLines = lines.length
  }

  function showLine(): void {
    out.write(`${plainLine(look())}\n`)
  }

  const show = out.isTTY ? showTable : showLine
  const everyMs = out.isTTY ? tableEveryMs : lineEveryMs
  const again = () => {
    show()
    cancel = wheel.after(everyMs, again)
  }

  if (out.isTTY) show()
  else out.write(`${heading}\n`)
  cancel = wheel.after(everyMs, again)
  return () => {
    cancel()
    if (out.isTTY) show()
  }
}
