// Runs one process of `npm start`: its output sorted, its end noticed, and nothing of it left afterwards.

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { openLogFile } from './log-file.mjs'
import { present } from './present.mjs'

const stopWithinMs = 10_000

/**
 * @typedef {object} Child
 * @property {string} name
 * @property {Promise<number>} exited its exit code; 1 when a signal ended it
 * @property {() => Promise<void>} stop SIGTERM, then SIGKILL for what is still there after ten seconds
 * @property {() => void} kill SIGKILL, at once
 *
 * @param {object} plan
 * @param {string} plan.name
 * @param {readonly string[]} plan.args of Node
 * @param {string} plan.cwd
 * @param {Record<string, string | undefined>} plan.env besides this process's own
 * @param {string} plan.logFile everything it says, warnings or not
 * @returns {Child}
 */
export function startChild({ name, args, cwd, env, logFile }) {
  const log = openLogFile(logFile)
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    // A group of its own: Ctrl-C reaches this script alone, which then stops everything in order.
    detached: process.platform !== 'win32',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })

  /**
   * @param {import('node:stream').Readable} output
   * @param {'stdout' | 'stderr'} stream
   */
  function follow(output, stream) {
    createInterface({ input: output }).on('line', (line) => {
      log.write(line)
      const shown = present(name, line, stream)
      if (shown !== undefined) console.error(shown)
    })
  }
  if (child.stdout) follow(child.stdout, 'stdout')
  if (child.stderr) follow(child.stderr, 'stderr')

  /** @type {Promise<number>} */
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${name}: ${error.message}`)
      resolve(1)
    })
    // Whatever it started itself must not outlive it.
    child.once('exit', () => signalGroup('SIGKILL'))
    // `close` comes after `exit`, when what it said last has been read.
    child.once('close', (code) => {
      log.close()
      resolve(code ?? 1)
    })
  })

  /** @param {NodeJS.Signals} signal */
  function signalGroup(signal) {
    if (child.pid === undefined) return
    try {
      if (process.platform === 'win32') child.kill(signal)
      else process.kill(-child.pid, signal)
    } catch {
      // ESRCH: nobody is left in the group, which is what was wanted.
    }
  }

  async function stop() {
    signalGroup('SIGTERM')
    const late = setTimeout(() => signalGroup('SIGKILL'), stopWithinMs)
    await exited
    clearTimeout(late)
  }

  return { name, exited, stop, kill: () => signalGroup('SIGKILL') }
}
