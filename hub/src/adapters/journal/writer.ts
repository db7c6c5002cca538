// Puts bytes at the end of the journal so that they are on disk afterwards, or, when that fails, not in the journal.

import type { Clock, Log } from '../../core/ports.ts'
import type { Disk, DiskFile } from './disk.ts'
import { writeFully } from './disk.ts'
import { createSegment, headerBytes } from './segment.ts'
import type { Shelf } from './shelf.ts'

export interface Writer {
  /** Rejects with the error of the disk; the next call may work again. */
  write(bytes: Buffer, readings: number): Promise<void>
  /** Begins a new segment, so that the last one can be released. Does nothing to an empty one. */
  turn(): Promise<void>
  close(): Promise<void>
}

interface Parts {
  readonly disk: Disk
  readonly dir: string
  readonly shelf: Shelf
  readonly segmentBytes: number
  readonly clock: Clock
  readonly log: Log
}

export async function openWriter({ disk, dir, shelf, segmentBytes, clock, log }: Parts): Promise<Writer> {
  const last = shelf.segments.at(-1)
  /** The last segment's; undefined when nothing may be appended to that one any more. */
  let file: DiskFile | undefined = last && (await disk.open(last.path, 'write'))

  async function rotate(): Promise<DiskFile> {
    const header = { epoch: shelf.epoch, first: shelf.head, createdAt: clock.now() }
    const created = await createSegment(disk, dir, header)
    const older = file
    file = created.file
    shelf.add(created.segment)
    await older?.close()
    return file
  }

  async function fileFor(length: number): Promise<DiskFile> {
    const used = shelf.segments.at(-1)?.bytes ?? headerBytes
    if (file === undefined || (used + length > segmentBytes && used > headerBytes)) return rotate()
    return file
  }

  /** After a failed write: the file ends again where it was good. */
  async function cutBack(broken: DiskFile, length: number): Promise<void> {
    try {
      await broken.truncate(length)
      await broken.datasync()
    } catch (error) {
      await seal(broken, length, error)
    }
  }

  /** A failed sync is final for its file (R11). Should the cut not last, the next segment's first position ends this one. */
  async function seal(broken: DiskFile, length: number, error: unknown): Promise<void> {
    file = undefined
    const segment = shelf.segments.at(-1)
    log.error('journal segment sealed: the disk failed to keep it', { segment: segment?.path, error })
    await broken.truncate(length).catch(() => {})
    await broken.close().catch(() => {})
    // The next segment has the same first position, so the same name, and createSegment puts it in this one's place.
    if (segment !== undefined && length === headerBytes) shelf.drop(segment)
  }

  async function write(bytes: Buffer, readings: number): Promise<void> {
    const target = await fileFor(bytes.length)
    const end = shelf.segments.at(-1)?.bytes ?? headerBytes
    try {
      await writeFully(target, bytes, end)
    } catch (error) {
      await cutBack(target, end)
      throw error
    }
    try {
      await target.datasync()
    } catch (error) {
      await seal(target, end, error)
      throw error
    }
    shelf.grow(bytes.length, readings)
  }

  let closed = false
  let busy: Promise<unknown> = Promise.resolve()

  /** Everything that touches the end of the journal waits for what touched it before. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = busy.then(act)
    busy = done.catch(() => {})
    return done
  }

  return {
    write: (bytes, readings) => inTurn(() => write(bytes, readings)),
    turn: () =>
      inTurn(async () => {
        const used = shelf.segments.at(-1)?.bytes ?? headerBytes
        if (!closed && used > headerBytes) await rotate()
      }),
    close: () =>
      inTurn(async () => {
        closed = true
        await file?.close()
        file = undefined
      }),
  }
}
