// A whole hub for a story: the real one, in this process or in its own, on free ports and in a folder of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { freePort } from '../../infra/services/free-port.ts'
import { systemClock } from '../src/adapters/system/clock.ts'
import { connect, type HubClient, HubProblem } from '../src/client/index.ts'
import { readConfig } from '../src/config.ts'
import type { Log } from '../src/core/ports.ts'
import { type Hub, startHub } from '../src/hub.ts'

export interface TestHub {
  readonly url: string
  readonly mqttPort: number
  readonly dataDir: string
  key(kind: 'admin' | 'gateway'): string
  /** A console on this hub; closed with it. */
  console(options?: { key?: string; format?: 'json' | 'msgpack' }): HubClient
  /** Waits until `holds` gives something else than undefined or false. */
  stop(): Promise<void>
  restart(): Promise<void>
}

type Environment = Record<string, string>

/** `TELEHUB_…` variables without the prefix. */
export async function startTestHub(environment: Environment = {}, log: Log = silentLog): Promise<TestHub> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telehub-hub-'))
  const [port, mqttPort] = await Promise.all([freePort(), freePort()])
  const config = readConfig(
    prefixed({ DATA_DIR: dataDir, PORT: String(port), MQTT_PORT: String(mqttPort), ...environment }),
  )
  const start = (): Promise<Hub> => startHub(config, { clock: systemClock, log })
  let hub = await start()
  const consoles: HubClient[] = []
  return {
    ...describe({ url: hub.url, mqttPort, dataDir, consoles }),
    async stop() {
      for (const client of consoles) client.close()
      await hub.close()
      rmSync(dataDir, { recursive: true, force: true })
    },
    async restart() {
      await hub.close()
      hub = await start()
    },
  }
}

export interface HubProcess extends TestHub {
  /** As a power cut would. */
  kill(): Promise<void>
  readonly output: () => string
}

/** The hub as a process of its own, which can be killed. `restart` starts it again after a kill. */
export async function spawnTestHub(environment: Environment = {}): Promise<HubProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'telehub-hub-'))
  const [port, mqttPort] = await Promise.all([freePort(), freePort()])
  const url = `http://127.0.0.1:${port}`
  const env = {
    ...process.env,
    ...prefixed({ DATA_DIR: dataDir, PORT: String(port), MQTT_PORT: String(mqttPort), ...environment }),
  }
  const consoles: HubClient[] = []
  let output = ''
  let child: ChildProcess

  async function start() {
    const main = new URL('../src/main.ts', import.meta.url).pathname
    const started = spawn(process.execPath, ['--import', 'tsx', '--conditions', 'source', main], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) stream.on('data', (data) => (output += data))
    await eventually(async () => {
      if (started.exitCode !== null) throw new Error(`The hub ended:\n${output}`)
      return (await fetch(`${url}/healthz`).catch(() => undefined))?.ok
    })
  }
  async function end(signal: NodeJS.Signals) {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await once(child, 'exit')
  }
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  await start()
  return {
    ...describe({ url, mqttPort, dataDir, consoles }),
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM')
      await start()
    },
    async stop() {
      for (const client of consoles) client.close()
      await end('SIGTERM')
      process.off('exit', killAtExit)
      rmSync(dataDir, { recursive: true, force: true })
    },
    output: () => output,
  }
}

function describe({
  url,
  mqttPort,
  dataDir,
  consoles,
}: {
  url: string
  mqttPort: number
  dataDir: string
  consoles: HubClient[]
}) {
  const key = (kind: 'admin' | 'gateway') => readFileSync(join(dataDir, 'keys', `${kind}.key`), 'utf8').trim()
  return {
    url,
    mqttPort,
    dataDir,
    key,
    console({ key: given = key('admin'), format = 'json' }: { key?: string; format?: 'json' | 'msgpack' } = {}) {
      const client = connect(url, { key: given, format, WebSocket })
      consoles.push(client)
      return client
    },
  }
}

/** Asks again until the answer is something; fails with the last error after `withinMs`. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  withinMs = 15_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const until = performance.now() + withinMs
  while (true) {
    const answer = await Promise.resolve(ask()).catch((error) => {
      if (performance.now() > until || !(error instanceof HubProblem)) throw error
    })
    if (answer !== undefined && answer !== null && answer !== false) return answer as NonNullable<Exclude<T, false>>
    if (performance.now() > until) throw new Error(`Not so within ${withinMs} ms.`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Everything a hub logged, as one text. */
export function createHeardLog(): Log & { text(): string } {
  const lines: string[] = []
  const line = (level: string) => (event: string, fields?: Record<string, unknown>) => {
    const error = fields?.error instanceof Error ? String(fields.error.stack) : undefined
    lines.push(JSON.stringify({ level, event, ...fields, ...(error !== undefined && { error }) }))
  }
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    text: () => lines.join('\n'),
  }
}

const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }

function prefixed(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [`TELEHUB_${name}`, value]))
}
