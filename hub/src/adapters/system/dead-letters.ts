// Readings a store will never take, one JSON line each with the store's own words, so that a person can look at them.

import { type FileHandle, open, readFile } from 'node:fs/promises'
import { StoreError } from '../../core/errors.ts'
import type { DeadLetter, DeadLetters, Log } from '../../core/ports.ts'
import { replaceFile } from './replace-file.ts'

/** More than this are no exceptions any more. All of them are held in memory. */
const maxLetters = 10_000

/** Lines that are no dead letters, as a crash can leave at the end, are reported and left out; they were never counted. */
export async function openDeadLetters({
  file,
  log,
  max = maxLetters,
}: {
  file: string
  log: Log
  max?: number
}): Promise<DeadLetters & { close(): Promise<void> }> {
  const letters = new Map<string, DeadLetter>()
  /** By what they are of: a reading that is put aside again after a crash counts once. */
  const known = new Set<string>()
  let handle: FileHandle | undefined
  let turn: Promise<unknown> = Promise.resolve()
  await restore()

  async function restore() {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    const lines = text.split('\n').filter((line) => line !== '')
    for (const line of lines) {
      const letter = parse(line)
      if (letter) hold(letter)
      else log.warn('dead letters: a line is none and was left out', { file, line: line.slice(0, 200) })
    }
    // A line that was cut off would swallow the next one.
    if (letters.size < lines.length || (text !== '' && !text.endsWith('\n'))) await rewrite(letters.values())
  }

  function hold(letter: DeadLetter) {
    letters.set(letter.id, letter)
    known.add(nameOf(letter))
  }

  async function rewrite(kept: Iterable<DeadLetter>) {
    await handle?.close()
    handle = undefined
    await replaceFile(file, [...kept].map((letter) => `${JSON.stringify(letter)}\n`).join(''))
  }

  async function append(letter: DeadLetter) {
    handle ??= await open(file, 'a', 0o600)
    const { size } = await handle.stat()
    try {
      await handle.appendFile(`${JSON.stringify(letter)}\n`)
      await handle.datasync()
    } catch (error) {
      await handle.truncate(size).catch(() => {})
      throw new StoreError('unavailable', `a dead letter could not be kept: ${error}`, { cause: error })
    }
  }

  /** One change of the file at a time. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = turn.then(act)
    turn = mine.catch(() => {}) // its caller hears of it
    return mine
  }

  return {
    get count() {
      return letters.size
    },

    before(position) {
      let count = 0
      for (const letter of letters.values()) if (letter.position < position) count++
      return count
    },

    add: (letter) =>
      inTurn(async () => {
        if (known.has(nameOf(letter))) return
        if (letters.size >= max) {
          const words = `There are ${max} dead letters; the last one was refused with: ${letter.reason}`
          throw new StoreError('misconfigured', `${words}. Look at them with: telehub dead-letters list`)
        }
        await append(letter)
        hold(letter)
      }),

    list: ({ limit, after = -1 }) =>
      [...letters.values()]
        .filter(({ position }) => position > after)
        .sort((a, b) => a.position - b.position)
        .slice(0, limit),

    find: (id) => letters.get(id),

    remove: (ids) =>
      inTurn(async () => {
        await rewrite([...letters.values()].filter(({ id }) => !ids.has(id)))
        for (const id of ids) {
          const letter = letters.get(id)
          if (!letter) continue
          letters.delete(id)
          known.delete(nameOf(letter))
        }
      }),

    async close() {
      await turn
      await handle?.close()
      handle = undefined
    },
  }
}

function nameOf({ position, device, metric, at }: DeadLetter): string {
  return `${position} ${device} ${metric} ${at}`
}

function parse(line: string): DeadLetter | undefined {
  try {
    const letter = JSON.parse(line) as Partial<DeadLetter>
    return typeof letter.id === 'string' && typeof letter.position === 'number' ? (letter as DeadLetter) : undefined
  } catch {
    return undefined
  }
}
