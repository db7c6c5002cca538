// The HTTP side of the hub on a free port, with the real core and records behind it; journal and store are memory.

import { mkdtemp, rm } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openParquetFiles } from '../src/adapters/duckdb/parquet.ts'
import { createHttpApp } from '../src/adapters/http/app.ts'
import { closeServer, listen } from '../src/adapters/http/listen.ts'
import type { HttpParts } from '../src/adapters/http/parts.ts'
import { createHttpServer } from '../src/adapters/http/server.ts'
import { openRecords } from '../src/adapters/sqlite/records.ts'
import { systemClock } from '../src/adapters/system/clock.ts'
import { createHosts } from '../src/core/access/hosts.ts'
import { createKeys } from '../src/core/access/keys.ts'
import { createOrigins } from '../src/core/access/origins.ts'
import { createRefusals } from '../src/core/access/refusals.ts'
import { createTickets } from '../src/core/access/tickets.ts'
import { createCommands } from '../src/core/commands.ts'
import { createDevices } from '../src/core/devices.ts'
import { createHistory } from '../src/core/history/history.ts'
import { createIntake } from '../src/core/intake.ts'
import { createLedger } from '../src/core/ledger.ts'
import type { Live } from '../src/core/live/live.ts'
import { createRecorder } from '../src/core/recorder/recorder.ts'
import type { Stats } from '../src/protocol/index.ts'
import {
  createMemoryDeadLetters,
  createMemoryJournal,
  createMemoryLedgerFile,
  createMemoryStore,
} from './memory-parts.ts'
import { createHeardLog } from './running-hub.ts'

export const allowedOrigin = 'https://console.example.com'
const configured = `${allowedOrigin} https://wall.example.com=viewer https://*.ops.example.com`

export type HttpHub = Awaited<ReturnType<typeof startHttpHub>>

export async function startHttpHub(overrides: Partial<HttpParts> = {}) {
  const dir = await mkdtemp(join(tmpdir(), 'telehub-http-'))
  const records = await openRecords({ file: join(dir, 'records.sqlite') })
  const journal = createMemoryJournal()
  const store = createMemoryStore()
  const clock = systemClock
  const log = createHeardLog()

  const keys = createKeys({ records, clock, log })
  const access = {
    keys,
    origins: createOrigins({ configured, records, clock }),
    tickets: createTickets({ clock, keys }),
    refusals: createRefusals({ clock }),
    hosts: createHosts({ host: '127.0.0.1', extra: ['hub.example.com'] }),
  }
  const devices = createDevices({ records: records.devices, store, clock, log })
  const silent = { announce() {}, restore() {} } as unknown as Live
  const ledger = createLedger({ file: createMemoryLedgerFile(), journal, saveDevices: devices.save, clock, log })
  const intake = createIntake({
    journal,
    ledger,
    recall: { rest: undefined },
    devices,
    live: silent,
    clock,
    retentionMs: 86_400_000,
    onAccepted: () => {},
  })
  const deadLetters = createMemoryDeadLetters()
  const recorder = createRecorder({ journal, store, deadLetters, ledger, clock, log })
  const commands = createCommands({ records: records.commands, devices, clock, log })
  const files = await openParquetFiles({ dir: join(dir, 'exports') })
  const history = createHistory({ store, devices, life: { gaps: async () => [] }, deadLetters, files, clock })
  const status = {
    stats: () => statsWith(journal.head),
    ready: async () => ({ ready: true, checks: { store: { ok: true } } }),
  }

  const app = createHttpApp({
    access,
    intake,
    devices,
    commands,
    history,
    status,
    deadLetters,
    recorder,
    audit: records.audit,
    clock,
    log,
    clientFile: '/nowhere/client.js',
    ...overrides,
  })
  const server = createHttpServer(app)
  const port = await listen(server, { host: '127.0.0.1', port: 0 })
  const secrets = {
    admin: (await keys.create({ kind: 'admin', name: 'root' })).secret,
    operator: (await keys.create({ kind: 'operator', name: 'Ann' })).secret,
    viewer: (await keys.create({ kind: 'viewer', name: 'wallboard' })).secret,
    gateway: (await keys.create({ kind: 'gateway', name: 'hall' })).secret,
    device: (await keys.create({ kind: 'device', name: 'pump', device: 'pump-1' })).secret,
  }

  return {
    app,
    access,
    devices,
    commands,
    audit: records.audit,
    log,
    /** What the store refused; `store.written` is what it takes when it is tried again. */
    deadLetters,
    store,
    /** Set its `fail`, and it refuses as a full disk would. */
    journal,
    port,
    secrets,
    /** `fetch` with a key of that kind; a body is sent as JSON. */
    async ask(
      method: string,
      path: string,
      { as, body, headers = {} }: { as?: keyof typeof secrets; body?: unknown; headers?: Record<string, string> } = {},
    ) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        headers: {
          ...(as && { authorization: `Bearer ${secrets[as]}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') ?? false
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson && text !== '' ? JSON.parse(text) : undefined,
      }
    },
    /** Bytes as they are, for what no client library would send; the answer up to the end of the connection or `until`. */
    raw: (bytes: string, until?: RegExp) => exchange(port, bytes, until),
    async close() {
      await commands.close()
      await ledger.close()
      await devices.close()
      await closeServer(server)
      await records.close()
      await rm(dir, { recursive: true })
    },
  }
}

export interface RawAnswer {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** `code` of a problem. */
  readonly code: string | undefined
}

function exchange(port: number, bytes: string, until = /\r\n\r\n[\s\S]*\}$|\r\n\r\n$/): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = createConnection({ port, host: '127.0.0.1' }, () => socket.write(bytes, 'latin1'))
    const finish = () => {
      socket.destroy()
      resolve(read(text))
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      text += chunk
      if (until.test(text)) finish()
    })
    socket.on('close', finish)
    socket.on('error', (error) => (text === '' ? reject(error) : finish()))
  })
}

function read(text: string): RawAnswer {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  const [first = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  )
  return { status: Number(first.split(' ')[1] ?? 0), headers, text, code: /"code":"([^"]+)"/.exec(body)?.[1] }
}

function statsWith(accepted: number): Stats {
  return {
    at: 1,
    uptimeMs: 1,
    journal: {
      accepted,
      stored: accepted,
      pending: 0,
      deadLetter: 0,
      expired: 0,
      bytes: 10,
      budgetBytes: 100,
      roomBytes: 90,
      timeToFullMs: null,
    },
    store: { backend: 'empty', ready: true, lagMs: 1_500 },
    rejected: { 'bad-name': 3 },
    duplicates: 2,
    jumps: 4,
    conflicts: 5,
    readingsPerSecond: 1.5,
    devices: { total: 1, live: 1, late: 0, silent: 0, offline: 0 },
    connections: { devices: 1, consoles: 2 },
  }
}
