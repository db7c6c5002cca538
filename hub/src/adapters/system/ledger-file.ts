// The ledger in one small file beside the journal: a line that tells its format and checksum, and a line of JSON.

import { readFile } from 'node:fs/promises'
import { crc32 } from 'node:zlib'
import type { LedgerFile, LedgerState, Log } from '../../core/ports.ts'
import { replaceFile } from './replace-file.ts'

const format = 1

/**
 * A damaged file is reported and counts as none: what the journal still holds is learned again from there. `load` rejects
 * when another version of the hub has written it.
 */
export function createLedgerFile({ file, log }: { file: string; log: Log }): LedgerFile {
  return {
    async load() {
      const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return undefined
        throw error
      })
      if (text === undefined) return undefined
      const state = parse(text, file)
      if (state === undefined) log.error('ledger damaged: counts of before are lost', { file })
      return state
    },
    async save(state) {
      const json = JSON.stringify(state)
      await replaceFile(file, `telehub-ledger ${format} ${crc32(json)}\n${json}\n`)
    },
  }
}

function parse(text: string, file: string): LedgerState | undefined {
  const [head = '', json = ''] = text.split('\n')
  const [, found, crc] = /^telehub-ledger (\d+) (\d+)$/.exec(head) ?? []
  if (found !== undefined && Number(found) !== format) {
    const words = `${file} has ledger format ${found}, this hub reads format ${format}.`
    throw new Error(`${words} Start the version of Telehub that wrote it.`)
  }
  return found !== undefined && crc32(json) === Number(crc) ? (JSON.parse(json) as LedgerState) : undefined
}
