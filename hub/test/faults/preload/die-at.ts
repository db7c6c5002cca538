// Kills the hub at a named point of its work on disk: FAULT_POINT, at the FAULT_NTH time it is reached.

import { writeSync } from 'node:fs'
import promises from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { fileOf, type Handle, watchFiles } from './files.ts'

const { FAULT_POINT: point = '', FAULT_NTH: nth = '1' } = process.env
let left = Number(nth)

/** SIGKILL to oneself is not deferred: nothing of this process runs after it. */
function reach(name: string) {
  if (name !== point || --left > 0) return
  writeSync(2, `reached: ${name}\n`)
  process.kill(process.pid, 'SIGKILL')
}

async function around<T>(name: string, call: () => Promise<T>): Promise<T> {
  reach(`before ${name}`)
  const result = await call()
  reach(`after ${name}`)
  return result
}

const isSegment = (handle: Handle) => fileOf(handle).endsWith('.segment')
const isMark = (path: unknown) => String(path).includes('influx.mark')

watchFiles({
  async write(call, handle, args) {
    if (!isSegment(handle)) return call()
    const [buffer, offset, length, position] = args as [Buffer, number, number, number]
    if (position === 0) return around('writing the header of a new segment', call)
    if (point === 'half way through writing a record') {
      await handle.writeUnbroken(buffer, offset, length >> 1, position)
      reach(point)
    }
    return around('writing records', call)
  },
  async datasync(call, handle) {
    return isSegment(handle) ? around('syncing a segment', call) : call()
  },
  async writeFile(call, handle) {
    return isMark(fileOf(handle)) ? around('writing the new mark', call) : call()
  },
})

const { rename, unlink } = promises
promises.rename = async (from, to) =>
  isMark(to) ? around('replacing the mark', () => rename(from, to)) : rename(from, to)
promises.unlink = async (path) =>
  String(path).endsWith('.segment') ? around('removing a segment', () => unlink(path)) : unlink(path)
syncBuiltinESMExports()
