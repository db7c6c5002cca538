// The first start makes an admin and a gateway key and leaves them in files that only their owner can read.

import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Keys } from '../../core/access/keys.ts'

const kinds = ['admin', 'gateway'] as const

/** A file whose key is not valid here any more is written anew; a key made and never written to its file is harmless. */
export async function ensureFirstKeys({ dir, keys }: { dir: string; keys: Pick<Keys, 'create' | 'verify'> }) {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  for (const kind of kinds) {
    const file = join(dir, `${kind}.key`)
    const text = await readFile(file, 'utf8').catch(() => '')
    if (isValid(keys, text.trim())) continue
    const { secret } = await keys.create({ kind, name: `first ${kind}` })
    const handle = await open(`${file}.new`, 'w', 0o600)
    await handle.writeFile(`${secret}\n`)
    await handle.datasync()
    await handle.close()
    await rename(`${file}.new`, file)
  }
}

function isValid(keys: Pick<Keys, 'verify'>, secret: string): boolean {
  try {
    keys.verify(secret)
    return true
  } catch {
    return false
  }
}
