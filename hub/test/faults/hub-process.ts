// A hub as a process of its own that can be killed, traced, frozen and broken, on one folder through all its lives.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../../infra/services/free-port.ts'
import { eventually } from '../running-hub.ts'
import { createQuestions, type Questions } from './questions.ts'

export interface Life {
  /** `TELEHUB_…` variables without the prefix, besides those of the hub. */
  readonly environment?: Record<string, string>
  /** A module of `preload/` that the process loads first. */
  readonly preload?: URL
  /** What the preload is told. */
  readonly fault?: Record<string, string>
  /** A program that starts the hub as a child that stays ours, with its arguments: strace -D. */
  readonly under?: readonly string[]
}

export interface HubUnderTest extends Questions {
  readonly url: string
  readonly mqttPort: number
  readonly dataDir: string
  readonly pid: number
  readonly output: () => string
  key(kind: 'admin' | 'gateway'): string
  signal(signal: NodeJS.Signals): void
  /** SIGKILL, and the end of the process. */
  kill(): Promise<void>
  /** How it ended: exit code or signal. */
  ended(): Promise<number | NodeJS.Signals>
  /** Another life; kills the one before. What `life` does not name is as in the first one. */
  restart(life?: Life): Promise<void>
  /** The same, also when it is to end before it listens. */
  begin(life?: Life): Promise<void>
  stop(): Promise<void>
}

/** Far more than a start takes; F01 has its own idea of that. */
const startWithinMs = 300_000

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** `dataDir`: somebody else's, who also removes it. */
export async function startHubProcess(first: Life & { dataDir?: string } = {}): Promise<HubUnderTest> {
  const dataDir = first.dataDir ?? mkdtempSync(join(tmpdir(), 'telehub-faults-'))
  const [port, mqttPort] = await Promise.all([freePort(), freePort()])
  const url = `http://127.0.0.1:${port}`
  let child: ChildProcess
  let over: Promise<number | NodeJS.Signals>
  let output = ''

  function spawnHub({ environment, preload, fault, under = [] }: Life) {
    const settings = { DATA_DIR: dataDir, PORT: String(port), MQTT_PORT: String(mqttPort), ...environment }
    const preloaded = preload ? ['--import', fileURLToPath(preload)] : []
    const command = [process.execPath, '--import', 'tsx', ...preloaded, '--conditions', 'source', main]
    const [program = '', ...args] = [...under, ...command]
    child = spawn(program, args, {
      env: { ...process.env, UV_USE_IO_URING: '0', ...prefixed('TELEHUB_', settings), ...prefixed('FAULT_', fault) },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    over = new Promise((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(code ?? signal ?? 1))
    })
    over.catch(() => {})
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data))
  }

  const key = (kind: 'admin' | 'gateway') => readFileSync(join(dataDir, 'keys', `${kind}.key`), 'utf8').trim()
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)

  async function listening() {
    await eventually(async () => {
      if (hasEnded()) throw new Error(`The hub ended:\n${output}`)
      return (await fetch(`${url}/healthz`).catch(() => undefined))?.ok
    }, startWithinMs)
  }

  async function kill() {
    child.kill('SIGKILL')
    await over
  }

  const hub: HubUnderTest = {
    url,
    mqttPort,
    dataDir,
    get pid() {
      return child.pid as number
    },
    output: () => output,
    key,
    ...createQuestions({ url, key }),
    signal: (signal) => void child.kill(signal),
    kill,
    ended: () => over,
    async restart(life) {
      await hub.begin(life)
      await listening()
    },
    async begin(life = {}) {
      await kill()
      spawnHub({ environment: { ...first.environment, ...life.environment }, ...without(life) })
    },
    async stop() {
      await kill()
      process.off('exit', killAtExit)
      if (first.dataDir === undefined) rmSync(dataDir, { recursive: true, force: true })
    },
  }
  spawnHub(first)
  try {
    await listening()
  } catch (error) {
    await hub.stop()
    throw error
  }
  return hub
}

/** A fault belongs to one life only. */
function without({ preload, fault, under }: Life): Life {
  return { ...(preload && { preload }), ...(fault && { fault }), ...(under && { under }) }
}

function prefixed(prefix: string, values: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [prefix + name, value]))
}
