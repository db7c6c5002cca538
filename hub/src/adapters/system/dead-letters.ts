// Readings a store will never take, one JSON line each with the store's own words, so that a person can look at them.

import { open, readFile } from 'node:fs/promises'
import type { DeadLetters } from '../../core/recorder.ts'

/** A reading put aside again, after a crash between the line and the store's mark, counts once: the line says which it was. */
export async function openDeadLetters({ file }: { file: string }): Promise<DeadLetters & { close(): Promise<void> }> {
  const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter((line) => line !== '')
  const known = new Set(lines.map(nameOf))
  const handle = await open(file, 'a', 0o600)
  return {
    get count() {
      return known.size
    },
    async add({ device, at, metrics, columns, receivedAt }, reason) {
      const line = JSON.stringify({ device, at: at[0], metric: metrics[0], value: columns[0]?.[0], receivedAt, reason })
      const name = nameOf(line)
      if (known.has(name)) return
      await handle.appendFile(`${line}\n`)
      await handle.datasync()
      known.add(name)
    },
    close: () => handle.close(),
  }
}

function nameOf(line: string): string {
  try {
    const { reason: _, ...reading } = JSON.parse(line)
    return JSON.stringify(reading)
  } catch {
    return line
  }
}
