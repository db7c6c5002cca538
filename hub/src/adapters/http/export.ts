// How a long answer begins and ends: no status before its first piece is there, no file left behind after its last.

import { createReadStream } from 'node:fs'

/** Resolves once the first piece is there, so that a refusal still has its own status. The pieces are all of `chunks`. */
export async function begun<T>(chunks: AsyncGenerator<T>): Promise<AsyncGenerator<T>> {
  const first = await chunks.next()
  return rest()

  async function* rest() {
    try {
      if (first.done) return
      yield first.value
      yield* chunks
    } finally {
      await chunks.return(undefined)
    }
  }
}

/** The bytes of a file that is removed after them, also when nobody reads to the end. */
export async function* contentOf({
  path,
  remove,
}: {
  path: string
  remove(): Promise<void>
}): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path)) yield chunk
  } finally {
    await remove()
  }
}
