// The built console, as `npm start` serves it: built when it is older than its sources, by one test process at a time.

import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { ensureBuilt } from '../../infra/setup/build.mjs'

const lock = join(tmpdir(), 'telehub-console-build.lock')
/** A build takes seconds; an older lock belongs to a run that was killed. */
const lockStaleMs = 120_000

/** The folder of the built console. */
export async function builtConsole(): Promise<string> {
  await takeLock()
  // Vitest says `test`, for which Vite would build a development version.
  const before = process.env.NODE_ENV
  process.env.NODE_ENV = 'production'
  try {
    await ensureBuilt()
  } finally {
    process.env.NODE_ENV = before
    rmSync(lock, { force: true })
  }
  return fileURLToPath(new URL('../dist', import.meta.url))
}

async function takeLock(): Promise<void> {
  while (true) {
    try {
      return closeSync(openSync(lock, 'wx'))
    } catch {
      const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
      if (age > lockStaleMs) rmSync(lock, { force: true })
      await wait(100)
    }
  }
}
