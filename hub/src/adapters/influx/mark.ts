// Keeps how far InfluxDB has come in a small file beside the journal, replaced atomically.

import { open, readFile, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { StoreError } from '../../core/errors.ts'
import type { Log, Mark } from '../../core/ports.ts'

export interface MarkFile {
  current(): Mark | undefined
  /**
   * Resolves once the mark is on disk; on a full disk it is kept in memory until there is room: what gives room back is the
   * journal, after the mark moved, and whoever starts from an older mark writes the same again. StoreError `unavailable`
   * when the disk fails otherwise: the old one stays.
   */
  save(mark: Mark): Promise<void>
}

/**
 * A damaged file is reported and counts as none: the recorder then writes the whole journal again, which changes nothing
 * in InfluxDB. The checksum is there because a flipped bit in a digit would still be a mark, one that skips readings.
 */
export async function openMarkFile(file: string, log?: Log): Promise<MarkFile> {
  const text = await readIfPresent(file)
  let current = text === undefined ? undefined : parse(text)
  if (text !== undefined && current === undefined)
    log?.error('mark file is damaged, writing the journal again', { file })
  let full = false

  return {
    current: () => current,
    async save(mark) {
      try {
        await replace(file, serialise(mark))
        full = false
      } catch (error) {
        if (!isDiskFull(error))
          throw new StoreError('unavailable', `the mark could not be saved: ${error}`, { cause: error })
        if (!full) log?.warn('mark not saved: the disk is full; trying again with the next write', { file })
        full = true
      }
      current = mark
    },
  }
}

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StoreError('unavailable', `the mark could not be read: ${error}`, { cause: error })
  }
}

function serialise({ epoch, position }: Mark): string {
  return `${JSON.stringify({ epoch, position, crc: crcOf({ epoch, position }) })}\n`
}

function parse(text: string): Mark | undefined {
  try {
    const { epoch, position, crc } = JSON.parse(text)
    const mark = { epoch: String(epoch), position: Number(position) }
    return crc === crcOf(mark) ? mark : undefined
  } catch {
    return undefined
  }
}

function crcOf({ epoch, position }: Mark): number {
  return crc32(`${epoch}:${position}`)
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

async function replace(file: string, text: string) {
  const fresh = `${file}.new`
  const handle = await open(fresh, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(fresh, file)
  await syncFolder(dirname(file))
}

/** A rename is on disk only when its folder is. */
async function syncFolder(folder: string) {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
