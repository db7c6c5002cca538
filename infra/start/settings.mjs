// What `npm start` was asked to do: flags before environment before defaults, every problem in words.

import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { nearest } from './nearest.mjs'

const options = /** @type {const} */ ({
  'no-sim': { type: 'boolean' },
  devices: { type: 'string' },
  port: { type: 'string' },
  'console-port': { type: 'string' },
  'data-dir': { type: 'string' },
  watch: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
})

export const help = `npm start -- [flags]      starts hub, console and a small simulated fleet

  --no-sim               without simulated devices and without this computer as one
  --devices <n>          how many devices to simulate (5)
  --port <n>             port of the hub (TELEHUB_PORT, 8080)
  --console-port <n>     port of the console (5173)
  --data-dir <folder>    where the hub keeps its data (TELEHUB_DATA_DIR, ./data)
  --watch                start again when a source changes (npm run dev)
  --help                 this text

The hub's other settings are environment variables; see README.md.`

const maxDevices = 10_000

/**
 * @typedef {object} Settings
 * @property {boolean} help
 * @property {boolean} watch
 * @property {boolean} sim
 * @property {number} devices how many to simulate, besides this computer
 * @property {string} host where the hub listens
 * @property {number} hubPort
 * @property {number} consolePort
 * @property {number | undefined} mqttPort undefined: no broker of the hub's own
 * @property {string} dataDir absolute
 * @property {string} origins for TELEHUB_ORIGINS, with the console's in it
 *
 * Throws an Error whose message is for people.
 *
 * @param {string[]} args
 * @param {Record<string, string | undefined>} env
 * @param {{ root: string }} places the repository's folder
 * @returns {Settings}
 */
export function readSettings(args, env, { root }) {
  const flags = parse(args)
  const consolePort = readPort(flags['console-port'], '--console-port') ?? 5173
  const mqttPort =
    env.TELEHUB_MQTT_PORT === '0' ? undefined : (readPort(env.TELEHUB_MQTT_PORT, 'TELEHUB_MQTT_PORT') ?? 1883)
  return {
    help: flags.help ?? false,
    watch: flags.watch ?? false,
    sim: !flags['no-sim'],
    devices: readNumber(flags.devices, '--devices', 0, maxDevices) ?? 5,
    host: env.TELEHUB_HOST || '127.0.0.1',
    hubPort: readPort(flags.port, '--port') ?? readPort(env.TELEHUB_PORT, 'TELEHUB_PORT') ?? 8080,
    consolePort,
    mqttPort: env.TELEHUB_MQTT_URL ? undefined : mqttPort,
    dataDir: dataDirOf(flags['data-dir'] ?? env.TELEHUB_DATA_DIR, env, root),
    origins: withOrigin(env.TELEHUB_ORIGINS ?? '', `http://localhost:${consolePort}`),
  }
}

/** @param {string[]} args */
function parse(args) {
  try {
    return parseArgs({ args, options, allowPositionals: false }).values
  } catch (error) {
    const unknown = /Unknown option '(--?[^']*)'/.exec(error instanceof Error ? error.message : '')?.[1]
    if (unknown === undefined) throw error
    const names = Object.keys(options).map((name) => `--${name}`)
    throw new Error(`There is no flag ${unknown}. Did you mean ${nearest(unknown, names)}? --help lists them all.`)
  }
}

/**
 * @param {string | undefined} text
 * @param {string} name
 */
function readPort(text, name) {
  return readNumber(text, name, 1, 65_535)
}

/**
 * @param {string | undefined} text
 * @param {string} name
 * @param {number} least
 * @param {number} most
 */
function readNumber(text, name, least, most) {
  if (text === undefined || text === '') return undefined
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= least && value <= most) return value
  throw new Error(`${name} must be a whole number from ${least} to ${most}, not "${text}".`)
}

/**
 * A relative folder is meant from where the command was typed, which npm hands on as INIT_CWD.
 *
 * @param {string | undefined} named
 * @param {Record<string, string | undefined>} env
 * @param {string} root
 */
function dataDirOf(named, env, root) {
  return named ? resolve(env.INIT_CWD ?? root, named) : join(root, 'data')
}

/**
 * @param {string} configured
 * @param {string} origin
 */
function withOrigin(configured, origin) {
  const entries = configured.split(/[\s,]+/).filter((entry) => entry !== '')
  // An entry may already name it, with or without a grant.
  return entries.some((entry) => entry.split('=')[0] === origin) ? configured : [...entries, origin].join(',')
}
