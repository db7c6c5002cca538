// Stands between a hub and its files, loaded before it: the fault suite needs no line of test code in the product.

import { open } from 'node:fs/promises'

type Call = () => Promise<unknown>
/** A FileHandle, with the write that nobody stands before. */
export interface Handle {
  readonly fd: number
  writeUnbroken(...args: unknown[]): Promise<unknown>
}
export type Operation = 'write' | 'datasync' | 'sync' | 'truncate' | 'writeFile'
type Around = (call: Call, handle: Handle, args: unknown[]) => Promise<unknown>

const { readlinkSync } = process.getBuiltinModule('fs')

/** Full path of what it has open. Linux only, like all that the suite does at this level. */
export function fileOf({ fd }: Handle): string {
  return readlinkSync(`/proc/self/fd/${fd}`)
}

/** Every later call of these methods of any FileHandle goes through `around`, which may do something before, after or instead. */
export function watchFiles(around: Partial<Record<Operation, Around>>) {
  const prototype = prototypeOfHandles as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  const write = prototype.write as (...args: unknown[]) => Promise<unknown>
  prototype.writeUnbroken = write
  for (const [operation, act] of Object.entries(around)) {
    const original = prototype[operation] as (...args: unknown[]) => Promise<unknown>
    prototype[operation] = function watched(this: Handle, ...args: unknown[]) {
      return act(() => original.apply(this, args), this, args)
    }
  }
}

const probe = await open(import.meta.filename)
const prototypeOfHandles = Object.getPrototypeOf(probe) as object
await probe.close()
