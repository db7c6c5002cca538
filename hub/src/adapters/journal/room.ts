// How much the journal may still grow: what its budget leaves, or what the disk leaves beside a reserve.

import type { Clock } from '../../core/ports.ts'
import type { Disk } from './disk.ts'
import type { Shelf } from './shelf.ts'

/**
 * Kept free for the series store, the records and the ledger, so that what was acknowledged can drain and its room be
 * given back: at most this much, and at most a tenth of a small disk.
 */
const mostReserveBytes = 256 * 1024 * 1024
const reserveShare = 0.1
/** Others write to the same disk, too; how long its free space is believed. */
const believedForMs = 1_000

export interface Room {
  /** Never waits: an old figure is renewed for the next call. */
  readonly bytes: number
  /** The most that the journal can ever have here. */
  readonly mostBytes: number
  /** Which of the two is the narrower, in words for a person. */
  readonly why: string
  /** Resolves once the free space of the disk was asked for. */
  look(): Promise<void>
}

export async function createRoom({
  disk,
  dir,
  maxBytes,
  shelf,
  clock,
}: {
  disk: Disk
  dir: string
  maxBytes: number
  shelf: Pick<Shelf, 'bytes'>
  clock: Clock
}): Promise<Room> {
  let onDisk = { freeBytes: 0, totalBytes: 0, reserveBytes: 0, usedBytes: 0 }
  let lookedAt = 0
  let looking: Promise<void> | undefined

  async function ask() {
    const { freeBytes, totalBytes } = await disk.space(dir)
    const reserveBytes = Math.min(mostReserveBytes, Math.floor(totalBytes * reserveShare))
    onDisk = { freeBytes, totalBytes, reserveBytes, usedBytes: shelf.bytes }
    lookedAt = clock.monotonic()
  }

  function look(): Promise<void> {
    looking ??= ask().finally(() => {
      looking = undefined
    })
    return looking
  }

  /** What was written or released since the last look has changed the disk, too. */
  function left() {
    const { freeBytes, reserveBytes, usedBytes } = onDisk
    return { ofBudget: maxBytes - shelf.bytes, ofDisk: freeBytes - reserveBytes - (shelf.bytes - usedBytes) }
  }

  await look()
  return {
    get bytes() {
      // A disk that does not answer is asked again; until then the last figure stands.
      if (clock.monotonic() - lookedAt >= believedForMs) look().catch(() => {})
      const { ofBudget, ofDisk } = left()
      return Math.max(0, Math.min(ofBudget, ofDisk))
    },
    get mostBytes() {
      return Math.min(maxBytes, onDisk.totalBytes - onDisk.reserveBytes)
    },
    get why() {
      const { ofBudget, ofDisk } = left()
      if (ofBudget <= ofDisk) return `its budget of ${maxBytes} bytes is used up (TELEHUB_JOURNAL_MAX_BYTES)`
      return `the disk has ${onDisk.freeBytes} bytes free, and ${onDisk.reserveBytes} are kept for store and records`
    },
    look,
  }
}
