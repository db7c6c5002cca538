// Group commit: while one group is being synced the next one gathers, so that many appends share one fdatasync.

import { HubError } from '../../core/errors.ts'
import type { Batch, Log, Position } from '../../core/ports.ts'
import type { Bytes } from './bytes.ts'
import { createBytes } from './bytes.ts'
import { isDiskFull } from './disk.ts'
import { frameBytes, maxPayloadBytes, putFrame, sealFrame } from './frame.ts'
import type { Room } from './room.ts'
import type { Shelf } from './shelf.ts'
import type { Writer } from './writer.ts'

const groupBytes = 64 * 1024
/** A group that had to grow past this gives its memory back. */
const keptGroupBytes = 4 * 1024 * 1024
const retryAfterMs = { overloaded: 1_000, 'journal-full': 5_000, 'hub-error': 1_000 } as const

interface Waiting {
  readonly count: number
  /** Where its frame ends in the group. */
  readonly end: number
  readonly resolve: (end: Position) => void
  readonly reject: (error: HubError) => void
}

interface Group {
  bytes: Bytes
  waiting: Waiting[]
}

export interface Commits {
  /** See Journal.append. */
  append(batch: Batch): Promise<Position>
  readonly waitingBytes: number
  /** Why the disk did not take the last append, until it takes one again. */
  readonly trouble: string | undefined
  /** Refuses what comes later; resolves when everything that came before is settled. */
  close(): Promise<void>
}

interface Parts {
  readonly shelf: Shelf
  readonly writer: Writer
  readonly room: Pick<Room, 'bytes' | 'why' | 'look'>
  /** Most that may wait for the disk; past it appends are refused with `overloaded`, a first one never. */
  readonly maxWaitingBytes: number
  readonly log: Log
}

export function createCommits({ shelf, writer, room, maxWaitingBytes, log }: Parts): Commits {
  let gathering = createGroup()
  let syncing = createGroup()
  let running: Promise<void> | undefined
  let closed = false
  /** Why appends are refused now; said once at its start and once at its end. */
  let complaint: 'journal-full' | 'hub-error' | undefined
  let trouble: string | undefined

  function waitingBytes(): number {
    return gathering.bytes.length + syncing.bytes.length
  }

  function gather(batch: Batch): void {
    const { bytes } = gathering
    const before = waitingBytes()
    const left = room.bytes - before
    const start = bytes.length
    try {
      if (closed) throw new HubError('hub-error', 'The hub is stopping.', { retryAfterMs: retryAfterMs['hub-error'] })
      if (batch.count < 1) throw new HubError('empty-batch', 'A batch has at least one reading.')
      putFrame(bytes, batch)
      admit(bytes.length - start, before, left)
    } catch (error) {
      bytes.length = start
      throw error
    }
  }

  function admit(length: number, before: number, left: number): void {
    if (length > maxPayloadBytes + frameBytes) {
      throw new HubError('too-large', `A batch takes ${length} bytes in the journal; ${maxPayloadBytes} are allowed.`)
    }
    if (before > 0 && before + length > maxWaitingBytes) {
      throw new HubError('overloaded', 'Too many readings wait for the disk.', {
        retryAfterMs: retryAfterMs.overloaded,
      })
    }
    if (length > left) throw full(room.why)
  }

  function full(why: string, cause?: unknown): HubError {
    complain('journal-full', { why, bytes: shelf.bytes })
    const detail = `The journal is full: ${why}. Nothing is dropped; new readings are refused until there is room.`
    return new HubError('journal-full', detail, { retryAfterMs: retryAfterMs['journal-full'], cause })
  }

  function complain(what: 'journal-full' | 'hub-error', fields: Record<string, unknown>): void {
    if (complaint !== what) log.error('journal refuses readings', { code: what, ...fields })
    complaint = what
  }

  async function run(): Promise<void> {
    // What else arrives in this turn of the event loop shares the first sync, too.
    await new Promise((resolve) => setImmediate(resolve))
    while (gathering.waiting.length > 0) {
      const group = gathering
      gathering = syncing
      syncing = group
      await commit(group)
    }
    running = undefined
  }

  async function commit(group: Group): Promise<void> {
    const { bytes, waiting } = group
    const start = shelf.head
    const end = sealFrames(bytes, waiting, start)
    const failure = await writer
      .write(bytes.buffer.subarray(0, bytes.length), end - start)
      .then(() => undefined, refusal)
    emptyGroup(group)
    if (failure !== undefined) {
      for (const { reject } of waiting) reject(failure)
      return
    }
    if (complaint !== undefined) log.info('journal takes readings again', { bytes: shelf.bytes })
    complaint = undefined
    trouble = undefined
    let position = start
    for (const { count, resolve } of waiting) {
      position += count
      resolve(position)
    }
  }

  function refusal(error: unknown): HubError {
    if (isDiskFull(error)) {
      room.look().catch(() => {}) // the next append sees it
      trouble = 'The disk has no room.'
      return full('the disk has no room', error)
    }
    complain('hub-error', { error })
    trouble = 'The disk failed to keep the last readings.'
    return new HubError('hub-error', 'The disk failed to keep the readings.', {
      retryAfterMs: retryAfterMs['hub-error'],
      cause: error,
    })
  }

  return {
    append(batch) {
      return new Promise((resolve, reject) => {
        gather(batch)
        gathering.waiting.push({ count: batch.count, end: gathering.bytes.length, resolve, reject })
        running ??= run()
      })
    },
    get waitingBytes() {
      return waitingBytes()
    },
    get trouble() {
      return trouble
    },
    async close() {
      closed = true
      await running
    },
  }
}

function sealFrames(bytes: Bytes, waiting: readonly Waiting[], head: Position): Position {
  let position = head
  let start = 0
  for (const { count, end } of waiting) {
    sealFrame(bytes, start, end, position)
    position += count
    start = end
  }
  return position
}

function createGroup(): Group {
  return { bytes: createBytes(groupBytes), waiting: [] }
}

function emptyGroup(group: Group): void {
  if (group.bytes.buffer.length > keptGroupBytes) group.bytes = createBytes(groupBytes)
  group.bytes.length = 0
  group.waiting = []
}
