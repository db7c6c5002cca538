// Runs one real server for a test: ready when it answers, killed and restarted at will, gone with its folder at the end.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const readyWithinMs = 20_000
const stopWithinMs = 5_000
const pollMs = 20
const keptOutputChars = 4_000

export interface ServerPlan {
  program: string
  /** Writes what the server needs into its own empty folder and answers its arguments. */
  prepare(folder: string): Promise<string[]>
  /** Tries once; the server is ready when this does not reject. */
  probe(): Promise<unknown>
}

export interface Server {
  /** Ends it politely and removes its folder. Safe to call twice. */
  stop(): Promise<void>
  /** SIGKILL, as a power cut would; its folder stays. */
  kill(): Promise<void>
  /** Starts it again on the same port and folder, ending it first if it still runs. */
  restart(): Promise<void>
}

export async function startServer(plan: ServerPlan): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'telehub-test-'))
  let child: ChildProcess | undefined

  // A test run that is cut off must not leave servers or folders behind; only synchronous work happens here.
  const cleanUp = () => {
    child?.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  process.once('exit', cleanUp)

  async function start() {
    child = await run(plan, await plan.prepare(folder))
  }

  async function end(signal: NodeJS.Signals) {
    const ending = child
    child = undefined
    if (ending !== undefined) await endProcess(ending, signal)
  }

  async function stop() {
    await end('SIGTERM')
    rmSync(folder, { recursive: true, force: true })
    process.off('exit', cleanUp)
  }

  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }

  return {
    stop,
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      await start()
    },
  }
}

async function run(plan: ServerPlan, args: string[]): Promise<ChildProcess> {
  const child = spawn(plan.program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const keep = (chunk: Buffer) => {
    output = (output + chunk).slice(-keptOutputChars)
  }
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  let failure: Error | undefined
  child.once('error', (error) => {
    failure = error
  })

  const deadline = performance.now() + readyWithinMs
  while (failure === undefined && child.exitCode === null && child.signalCode === null) {
    const answered = await plan.probe().then(
      () => true,
      () => false,
    )
    if (answered) return child
    if (performance.now() > deadline) {
      await endProcess(child, 'SIGKILL')
      break
    }
    await wait(pollMs)
  }
  throw new Error(`${plan.program} did not become ready:\n${output}`, { cause: failure })
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals) {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  const late = setTimeout(() => child.kill('SIGKILL'), stopWithinMs)
  await exited
  clearTimeout(late)
}
