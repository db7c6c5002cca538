// Builds what browsers get, the console and the client, and only when their sources changed since.

import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { npm, root } from './run.mjs'

const shared = ['hub/src/client', 'hub/src/protocol', 'hub/package.json', 'package-lock.json']

const targets = [
  {
    name: 'console',
    output: 'console/dist/index.html',
    sources: [
      'console/src',
      'console/public',
      'console/index.html',
      'console/vite.config.ts',
      'console/package.json',
      ...shared,
    ],
  },
  { name: 'client', output: 'hub/dist/client.js', sources: ['hub/vite.client.config.ts', ...shared] },
]

/** Throws with a sentence for people when a build fails; npm has shown why. */
export async function ensureBuilt() {
  for (const { name, output, sources } of targets) {
    if (
      !isStale(
        join(root, output),
        sources.map((path) => join(root, path)),
      )
    )
      continue
    console.error(`Building the ${name} …`)
    if ((await npm(['run', '--silent', `build:${name}`], { quiet: true })) !== 0) {
      throw new Error(`The ${name} could not be built; the reason is above.`)
    }
  }
}

/**
 * Whether `output` is missing or older than anything in `sources` (files and folders; those that do not exist are passed over).
 *
 * @param {string} output
 * @param {readonly string[]} sources
 */
export function isStale(output, sources) {
  return newest([output]) < newest(sources)
}

/**
 * @param {readonly string[]} paths
 * @returns {number} epoch ms; 0 when none exists
 */
function newest(paths) {
  const times = paths.map((path) => {
    const entry = statSync(path, { throwIfNoEntry: false })
    if (entry === undefined) return 0
    if (!entry.isDirectory()) return entry.mtimeMs
    // The folder's own time tells of files that were removed.
    return Math.max(entry.mtimeMs, newest(readdirSync(path).map((name) => join(path, name))))
  })
  return Math.max(0, ...times)
}
