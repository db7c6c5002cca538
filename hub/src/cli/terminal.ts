// What is printed and where: data on stdout, everything else on stderr, tables for people.

import { printable } from '../core/access/printable.ts'
import { colours } from './colours.ts'

export interface Terminal {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
  /** One line for the person in front, not for the next program. */
  note(line: string): void
  /** Rows under headings, in columns as wide as they must be; one line of words when there are none. */
  table(headings: readonly string[], rows: readonly (readonly unknown[])[], none: string): void
  json(value: unknown): void
}

/** The process itself. */
export function processTerminal(): Terminal {
  // `telehub tail | head`: the reader has enough; that is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0)
    throw error
  })
  return terminalOn(
    (text) => void process.stdout.write(text),
    (text) => void process.stderr.write(text),
  )
}

export function terminalOn(out: (text: string) => void, err: (text: string) => void): Terminal {
  const note = (line: string) => err(`${line}\n`)
  return {
    out,
    err,
    note,
    table(headings, rows, none) {
      if (rows.length === 0) return note(none)
      const cells = rows.map((row) => row.map(cell))
      const widths = headings.map((heading, i) => Math.max(heading.length, ...cells.map((row) => row[i]?.length ?? 0)))
      out(`${colours.bold(line(headings, widths))}\n`)
      for (const row of cells) out(`${line(row, widths)}\n`)
    },
    json: (value) => out(`${JSON.stringify(value)}\n`),
  }
}

function line(cells: readonly string[], widths: readonly number[]): string {
  return cells
    .map((text, i) => text.padEnd(widths[i] ?? 0))
    .join('  ')
    .trimEnd()
}

/** Names come from devices and people: nothing in them may move the cursor. */
function cell(value: unknown): string {
  return value === undefined || value === null || value === '' ? '–' : printable(String(value))
}

/** `2026-01-31 12:00:00`, in UTC. */
export function timeText(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString().slice(0, 19).replace('T', ' ')
}
