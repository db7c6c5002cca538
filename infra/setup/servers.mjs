// Installs the real servers that tests talk to, where that is possible, without letting them run on their own.

import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { findProgram, servers } from '../services/programs.mjs'
import { run } from './run.mjs'

const all = /** @type {(keyof typeof servers)[]} */ (Object.keys(servers))

/**
 * Installs with apt what is missing, as root on Debian and its children, and answers the titles of what is missing still.
 *
 * @returns {Promise<string[]>}
 */
export async function ensureServers() {
  const missing = all.filter((name) => findProgram(name) === undefined)
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (missing.length > 0 && canInstall) await install(missing.map((name) => servers[name]))
  return missing.filter((name) => findProgram(name) === undefined).map((name) => servers[name].title)
}

/** @param {{ title: string, package: string, unit?: string }[]} missing */
async function install(missing) {
  console.error(`Installing ${missing.map(({ title }) => title).join(', ')} (apt-get) …`)
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const allowServices = forbidServices()
  try {
    await run('apt-get', ['update', '-q'], { env, quiet: true })
    // One by one: a package that this release does not have must not keep the others away.
    for (const server of missing) {
      await run('apt-get', ['install', '-qy', '--no-install-recommends', server.package], { env, quiet: true })
    }
  } finally {
    allowServices()
  }
  // Tests start servers of their own; what apt enabled would take their well-known ports at the next boot.
  const units = missing.flatMap(({ unit }) => unit ?? [])
  if (units.length > 0 && existsSync('/run/systemd/system'))
    await run('systemctl', ['disable', ...units], { quiet: true })
}

/**
 * Debian asks this file before a package starts its service; 101 means no (invoke-rc.d(8)). One that is there already is
 * somebody's decision and stays.
 */
function forbidServices() {
  const file = '/usr/sbin/policy-rc.d'
  if (existsSync(file)) return () => {}
  writeFileSync(file, '#!/bin/sh\nexit 101\n')
  chmodSync(file, 0o755)
  const allow = () => rmSync(file, { force: true })
  process.once('exit', allow)
  return () => {
    allow()
    process.off('exit', allow)
  }
}
