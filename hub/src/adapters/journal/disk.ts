// The few file operations the journal is made of, so that a test can make any one of them fail.

import { constants } from 'node:fs'
import { mkdir, open, readdir, rename, statfs, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface DiskFile {
  /** Fills `into` from `offset` on; resolves with the bytes read, fewer only at the end of the file. */
  read(into: Buffer, offset: number): Promise<number>
  /** Resolves with the bytes written, which may be fewer than asked for. */
  write(bytes: Buffer, offset: number): Promise<number>
  /** Resolves when everything written is on the medium. After a rejection nothing is known about the file (R11). */
  datasync(): Promise<void>
  truncate(length: number): Promise<void>
  size(): Promise<number>
  close(): Promise<void>
}

export interface Disk {
  /** `create` fails when the file exists. */
  open(path: string, mode: 'read' | 'write' | 'create'): Promise<DiskFile>
  list(dir: string): Promise<string[]>
  unlink(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  /** With its parents, each of them durable. */
  makeDir(dir: string): Promise<void>
  /** Makes created and removed names durable. */
  syncDir(dir: string): Promise<void>
  /** Of the file system that holds `dir`; free is what this process may use. */
  space(dir: string): Promise<{ freeBytes: number; totalBytes: number }>
}

const flags = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
}

export const nodeDisk: Disk = {
  async open(path, mode) {
    const handle = await open(path, flags[mode], 0o600)
    return {
      read: async (into, offset) => (await handle.read(into, 0, into.length, offset)).bytesRead,
      write: async (bytes, offset) => (await handle.write(bytes, 0, bytes.length, offset)).bytesWritten,
      datasync: () => handle.datasync(),
      truncate: (length) => handle.truncate(length),
      size: async () => (await handle.stat()).size,
      close: () => handle.close(),
    }
  },
  list: (dir) => readdir(dir),
  unlink: (path) => unlink(path),
  rename: (from, to) => rename(from, to),
  async makeDir(dir) {
    const first = await mkdir(dir, { recursive: true, mode: 0o700 })
    if (first === undefined) return
    for (let made = dir; made.length >= first.length; made = dirname(made)) await nodeDisk.syncDir(dirname(made))
  },
  async syncDir(dir) {
    const handle = await open(dir, constants.O_RDONLY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async space(dir) {
    const { bavail, blocks, bsize } = await statfs(dir)
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
  },
}

/** Writes all of it, however often the disk takes only a part. */
export async function writeFully(file: DiskFile, bytes: Buffer, offset: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const written = await file.write(bytes.subarray(done), offset + done)
    // A write of nothing without an error would loop for ever.
    if (written === 0) throw Object.assign(new Error('the disk took no bytes'), { code: 'ENOSPC' })
    done += written
  }
}

/** Reads `length` bytes, or up to the end of the file. */
export async function readFully(file: DiskFile, into: Buffer, offset: number): Promise<number> {
  let done = 0
  while (done < into.length) {
    const read = await file.read(done === 0 ? into : into.subarray(done), offset + done)
    if (read === 0) break
    done += read
  }
  return done
}

/** True for the errors that room on the disk would cure. */
export function isDiskFull(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOSPC' || code === 'EDQUOT'
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
