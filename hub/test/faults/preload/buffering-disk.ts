// Breaks a hub on purpose: journal records are kept in memory, said to be synced, and written a second later.

import { fileOf, watchFiles } from './files.ts'

const laterMs = 1_000

watchFiles({
  write(call, handle, args) {
    const [buffer, offset, length, position] = args as [Buffer, number, number, number]
    const isHeader = position === 0
    if (isHeader || !fileOf(handle).endsWith('.segment')) return call()
    const copy = Buffer.from(buffer.subarray(offset, offset + length))
    setTimeout(() => handle.writeUnbroken(copy, 0, length, position).catch(() => {}), laterMs)
    return Promise.resolve({ bytesWritten: length, buffer })
  },
  datasync: (call, handle) => (fileOf(handle).endsWith('.segment') ? Promise.resolve() : call()),
})
