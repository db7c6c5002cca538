// Puts a new text in the place of a small file, so that a crash leaves either the old one or the new one.

import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Resolves once the new text is on disk under its name. Made with mode 0600. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.new`
  await writeDurably(fresh, text)
  await rename(fresh, file)
  // A rename is on disk only when its folder is.
  const folder = await open(dirname(file), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function writeDurably(file: string, text: string) {
  const handle = await open(file, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.datasync()
  } finally {
    await handle.close()
  }
}
