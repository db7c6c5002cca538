// The processes of `npm start`: how each is started, and how to tell that it is ready.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { root } from '../setup/run.mjs'
import { startChild } from './child.mjs'

const hubReadyWithinMs = 60_000
const devicesReadyWithinMs = 15_000
const pollMs = 100

/** Node runs the sources as they are; workspaces are taken from their sources too. */
const fromSource = ['--conditions=source', '--import=tsx', '--import=./infra/start/with-parent.mjs']

/** @typedef {import('./settings.mjs').Settings} Settings */

/** @param {Settings} settings */
export function startHub({ host, hubPort, dataDir, origins, watch }) {
  const logFile = join(dataDir, 'hub.log')
  const entry = 'hub/src/main.ts'
  const child = startChild({
    name: 'hub',
    args: watch ? ['node_modules/tsx/dist/cli.mjs', 'watch', '--conditions=source', entry] : [...fromSource, entry],
    cwd: root,
    env: {
      TELEHUB_PORT: String(hubPort),
      TELEHUB_DATA_DIR: dataDir,
      TELEHUB_ORIGINS: origins,
      // Meant for the simulator; the hub refuses names that it does not know.
      TELEHUB_KEY: undefined,
      TELEHUB_KEY_FILE: undefined,
    },
    logFile,
  })
  let exited = false
  child.exited.then(() => {
    exited = true
  })
  const url = `http://${addressOf(host)}:${hubPort}`
  /** @param {'admin' | 'gateway'} kind */
  const key = (kind) => readFileSync(join(dataDir, 'keys', `${kind}.key`), 'utf8').trim()

  return {
    ...child,
    url,
    logFile,
    adminKey: () => key('admin'),
    gatewayKey: () => key('gateway'),

    /** Resolves when it answers. Rejects when it has stopped or takes too long. */
    async ready() {
      const deadline = performance.now() + hubReadyWithinMs
      while (performance.now() < deadline) {
        if (exited) throw new Error(`The hub did not start. Its log: ${logFile}`)
        if (await isHealthy(url)) return
        await wait(pollMs)
      }
      throw new Error(`The hub did not answer within ${hubReadyWithinMs / 1_000} s. Its log: ${logFile}`)
    },

    /**
     * Waits a while until `wanted` devices send readings; answers how many do then.
     *
     * @param {number} wanted
     */
    async liveDevices(wanted) {
      const deadline = performance.now() + devicesReadyWithinMs
      let live = 0
      while (live < wanted && performance.now() < deadline && !exited) {
        live = await countLive(url, key('admin'))
        await wait(pollMs)
      }
      return live
    },
  }
}

/**
 * This computer as a device, and the simulated ones.
 *
 * @param {Settings} settings
 * @param {ReturnType<typeof startHub>} hub
 */
export function startFleet({ devices, dataDir }, hub) {
  const logFile = join(dataDir, 'devices-sim.log')
  // By its weight this computer comes first, however few devices there are; the simulator never makes a second one.
  const mix = 'host*100,pump*2,thermostat,meter,freezer'
  const flags = ['--url', hub.url, '--profile', mix, '--devices', String(devices + 1), '--quiet']
  const child = startChild({
    name: 'devices',
    args: [...fromSource, 'devices-sim/src/cli.ts', ...flags],
    cwd: root,
    env: { TELEHUB_KEY: hub.gatewayKey() },
    logFile,
  })
  return { ...child, logFile }
}

/** Vite's own server, which shows a change of the console at once. @param {Settings} settings */
export function startConsoleInDevelopment({ consolePort, dataDir }) {
  const child = startChild({
    name: 'console',
    args: ['node_modules/vite/bin/vite.js', 'console', '--host=localhost', `--port=${consolePort}`, '--strictPort'],
    cwd: root,
    env: {},
    logFile: join(dataDir, 'console.log'),
  })
  return { ...child, url: `http://localhost:${consolePort}` }
}

/** A hub that listens everywhere is reached at a loopback address. @param {string} host */
function addressOf(host) {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1'
  return host.includes(':') ? `[${host}]` : host
}

/** @param {string} url */
async function isHealthy(url) {
  return fetch(`${url}/healthz`).then(
    (answer) => answer.ok,
    () => false,
  )
}

/**
 * @param {string} url
 * @param {string} key
 */
async function countLive(url, key) {
  try {
    const answer = await fetch(`${url}/api/v1/stats`, { headers: { Authorization: `Bearer ${key}` } })
    const stats = /** @type {{ devices: { live: number } }} */ (await answer.json())
    return stats.devices.live
  } catch {
    return 0
  }
}
