// Makes a fresh clone runnable: the right Node, and the packages that package-lock.json names.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { npm, root } from './run.mjs'

const oldestNode = [20, 19]

/** Installs with `npm ci` when packages are missing or not those of the lock file. Throws with a sentence for people. */
export async function ensureInstalled() {
  checkNode(process.versions.node)
  if (!isStale(read('package-lock.json'), read('node_modules/.package-lock.json'))) return
  console.error('Installing packages (npm ci) …')
  if ((await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])) !== 0) {
    throw new Error('The packages could not be installed; npm says why above.')
  }
}

/** @param {string} version */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldMajor = 0, oldMinor = 0] = oldestNode
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return
  throw new Error(`Telehub needs Node ${oldestNode.join('.')} or newer; this is ${version}.`)
}

/**
 * Whether what npm installed differs from what the lock file names. Contents are compared, because the times of files
 * say nothing after a checkout of another branch.
 *
 * @typedef {{ packages: Record<string, { version?: string, optional?: boolean, devOptional?: boolean }> }} Lock
 * @param {Lock | undefined} wanted package-lock.json
 * @param {Lock | undefined} installed node_modules/.package-lock.json
 */
export function isStale(wanted, installed) {
  if (wanted === undefined || installed === undefined) return true
  return Object.entries(wanted.packages)
    .filter(([path]) => path.includes('node_modules/'))
    .some(([path, { version, optional, devOptional }]) => {
      const found = installed.packages[path]
      // Packages for other platforms are named in the lock file and never installed.
      if (found === undefined) return !(optional || devOptional)
      return found.version !== version
    })
}

/**
 * @param {string} path
 * @returns {Lock | undefined}
 */
function read(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'))
  } catch {
    return undefined
  }
}
