// What of the operating system the suite needs beyond Node, and whether it is there and allowed.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const works = (program: string, ...args: string[]) => spawnSync(program, args, { stdio: 'ignore' }).status === 0

/** strace is installed and may trace (a container may forbid ptrace). */
export const canTrace = works('strace', '-D', '-f', '-e', 'trace=none', 'true')

/** A full disk needs a disk of its own, which only root can mount. */
export const canMount = canMountTmpfs()

function canMountTmpfs(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  const dir = mkdtempSync(join(tmpdir(), 'telehub-mount-'))
  const mounted = works('mount', '-t', 'tmpfs', '-o', 'size=1m', 'telehub-test', dir)
  if (mounted) works('umount', dir)
  rmSync(dir, { recursive: true })
  return mounted
}

export interface SmallDisk {
  readonly dir: string
  remove(): void
}

/** A disk of `bytes`; unmounted by `remove`, at the latest when the process ends. */
export function mountSmallDisk(bytes: number): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'telehub-disk-'))
  const mounted = works('mount', '-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'telehub-test', dir)
  if (!mounted) throw new Error(`No disk could be mounted at ${dir}.`)
  const remove = () => {
    process.off('exit', remove)
    works('umount', '-l', dir)
    rmSync(dir, { recursive: true, force: true })
  }
  process.once('exit', remove)
  return { dir, remove }
}
