// A disk that fails where a test wants it to, and remembers what was asked of it.

import { basename } from 'node:path'
import type { Disk, DiskFile } from '../disk.ts'
import { nodeDisk } from '../disk.ts'

type Operation = 'open' | 'write' | 'datasync' | 'truncate' | 'unlink' | 'syncDir'

export interface FaultyDisk extends Disk {
  /** `<operation> <file name>`, in order. */
  readonly calls: readonly string[]
  /** The next calls of `operation` fail with an error of this code, until `heal`. */
  fail(operation: Operation, code: string): void
  heal(): void
  /** At most this many bytes are taken by one write. */
  limitWrites(bytes: number): void
  /** Writes wait until the answer is called. */
  hold(): () => void
  /** What `space` says from now on. */
  setSpace(space: { freeBytes: number; totalBytes: number }): void
}

export function createFaultyDisk(disk: Disk = nodeDisk): FaultyDisk {
  const calls: string[] = []
  const faults = new Map<Operation, string>()
  let mostBytes = Number.POSITIVE_INFINITY
  let held: Promise<void> | undefined
  let space: Awaited<ReturnType<Disk['space']>> | undefined

  function enter(operation: Operation, path: string): void {
    calls.push(`${operation} ${basename(path)}`)
    const code = faults.get(operation)
    if (code !== undefined) throw Object.assign(new Error(`${code}: made to fail`), { code })
  }

  function wrap(file: DiskFile, path: string): DiskFile {
    return {
      ...file,
      async write(bytes, offset) {
        await held
        // A disk that is full takes a part of the bytes first.
        if (faults.has('write')) await file.write(bytes.subarray(0, bytes.length >> 1), offset)
        enter('write', path)
        return file.write(bytes.subarray(0, Math.min(bytes.length, mostBytes)), offset)
      },
      async datasync() {
        enter('datasync', path)
        await file.datasync()
      },
      async truncate(length) {
        enter('truncate', path)
        await file.truncate(length)
      },
    }
  }

  return {
    ...disk,
    calls,
    async open(path, mode) {
      if (mode === 'create') enter('open', path)
      return wrap(await disk.open(path, mode), path)
    },
    async unlink(path) {
      enter('unlink', path)
      await disk.unlink(path)
    },
    async syncDir(dir) {
      enter('syncDir', dir)
      await disk.syncDir(dir)
    },
    space: async (dir) => space ?? disk.space(dir),
    setSpace(said) {
      space = said
    },
    fail(operation, code) {
      faults.set(operation, code)
    },
    heal() {
      faults.clear()
    },
    limitWrites(bytes) {
      mostBytes = bytes
    },
    hold() {
      let free = () => {}
      held = new Promise((resolve) => {
        free = resolve
      })
      return free
    },
  }
}
