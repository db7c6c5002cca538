// `npm start`: hub, console on another origin and a small fleet, from a fresh clone, until Ctrl-C.

import { relative } from 'node:path'
import { serveConsole } from './serve-console.mjs'
import { ensureBuilt } from './setup/build.mjs'
import { ensureInstalled } from './setup/install.mjs'
import { root } from './setup/run.mjs'
import { banner } from './start/banner.mjs'
import { startConsoleInDevelopment, startFleet, startHub } from './start/parts.mjs'
import { requireFreePorts, wishesOf } from './start/ports.mjs'
import { help, readSettings } from './start/settings.mjs'

const usageProblem = 2
const orphanCheckMs = 1_000
const secondThoughtMs = 500

/**
 * What was started, in that order.
 *
 * @typedef {{ stop(): Promise<void>, kill?(): void }} Part
 * @type {Part[]}
 */
const running = []
let finishing = false

let askedAt = Number.POSITIVE_INFINITY
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    // Whoever asks twice does not want to wait. The same Ctrl-C comes from the terminal and from npm, hence the pause.
    if (performance.now() - askedAt > secondThoughtMs) for (const part of running) part.kill?.()
    askedAt = Math.min(askedAt, performance.now())
    finish(0)
  })
}

// npm killed outright passes no signal on; whoever it had started must notice.
const parent = process.ppid
if (process.env.npm_lifecycle_event !== undefined) {
  setInterval(() => process.ppid !== parent && finish(0), orphanCheckMs).unref()
}

const settings = settingsOrExit()
if (settings.help) console.log(help)
else await startAll(settings).catch((error) => finish(1, messageOf(error)))

function settingsOrExit() {
  try {
    return readSettings(process.argv.slice(2), process.env, { root })
  } catch (error) {
    console.error(messageOf(error))
    process.exit(usageProblem)
  }
}

/** @param {import('./start/settings.mjs').Settings} settings */
async function startAll(settings) {
  const { consolePort, mqttPort, sim, devices, watch } = settings
  await requireFreePorts(wishesOf(settings))
  await ensureInstalled()
  await ensureBuilt()

  const hub = startHub(settings)
  keep(hub)
  hub.exited.then((code) =>
    finish(code || 1, `The hub stopped by itself (exit code ${code}). Its log: ${short(hub.logFile)}`),
  )
  await hub.ready()

  const page = watch
    ? startConsoleInDevelopment(settings)
    : await serveConsole({ folder: `${root}console/dist`, port: consolePort })
  keep(page)

  let live = 0
  if (sim) {
    const fleet = startFleet(settings, hub)
    keep(fleet)
    fleet.exited.then((code) => {
      if (!finishing)
        console.error(
          `The simulated devices stopped (exit code ${code}); hub and console go on. ${short(fleet.logFile)}`,
        )
    })
    live = await hub.liveDevices(devices + 1)
  }
  if (finishing) return
  console.log(
    banner({
      consoleUrl: page.url,
      hubUrl: hub.url,
      adminKey: hub.adminKey(),
      devices: live,
      mqttPort,
      logFile: short(hub.logFile),
    }),
  )
}

/** Remembers a part, so that it is stopped at the end. @param {Part} part */
function keep(part) {
  running.push(part)
  // The end can come while the part was being started.
  if (finishing) part.stop()
}

/**
 * Stops everything, the newest first, and ends this process. Only the first call counts.
 *
 * @param {number} code
 * @param {string} [sentence]
 */
async function finish(code, sentence) {
  if (finishing) return
  finishing = true
  if (sentence !== undefined) console.error(sentence)
  for (const part of running.toReversed()) await part.stop()
  process.exit(code)
}

/** @param {string} file */
function short(file) {
  const path = relative(process.cwd(), file)
  return path.startsWith('..') ? file : path
}

/** @param {unknown} error */
function messageOf(error) {
  return error instanceof Error ? error.message : String(error)
}
