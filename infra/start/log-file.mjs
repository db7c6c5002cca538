// Keeps what a process says, in two files of limited size.

import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Appends lines to `path`. When it is full, it becomes `<path>.1`, the one before goes, and a new one begins: at most
 * twice `maxBytes` are kept, the newest.
 *
 * @param {string} path
 * @param {number} [maxBytes]
 */
export function openLogFile(path, maxBytes = 10 * 1024 * 1024) {
  // The hub's data is for its owner alone, and so is the folder when this comes first.
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const open = () => openSync(path, 'a', 0o600)
  let file = open()
  let bytes = fstatSync(file).size
  return {
    /** @param {string} line without its end */
    write(line) {
      if (bytes >= maxBytes) {
        closeSync(file)
        renameSync(path, `${path}.1`)
        file = open()
        bytes = 0
      }
      bytes += writeSync(file, `${line}\n`)
    },
    close: () => closeSync(file),
  }
}
