// A hub for component tests: says what it is told to say, and remembers what was asked of it.

import type {
  CommandOptions,
  ConnectionState,
  Events,
  HubClient,
  WatchListeners,
  WatchRequest,
} from '@telehub/hub/client'
import type { Command, Params, Role } from '@telehub/hub/protocol'

export interface SentCommand {
  device: string
  name: string
  params: Params | undefined
  options: CommandOptions
  resolve(command: Command): void
  reject(problem: unknown): void
}

export interface FakeHub {
  readonly client: HubClient
  readonly watches: { request: WatchRequest; listeners: WatchListeners }[]
  readonly commands: SentCommand[]
  readonly requests: string[]
  /** What `request` answers, by `METHOD /path` without the query. */
  readonly answers: Map<string, unknown>
  emit<E extends keyof Events>(event: E, value: Events[E]): void
  become(state: ConnectionState): void
  closed: boolean
}

export function createFakeHub({ role = 'operator' as Role } = {}): FakeHub {
  const listeners = new Map<string, Set<(value: never) => void>>()
  let state: ConnectionState = { kind: 'live', since: 0 }

  const client: HubClient = {
    url: 'http://hub.test',
    role,
    clockOffsetMs: 0,
    roundTripMs: 3,
    get state() {
      return state
    },
    on(event, listener) {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(listener))
      return () => set.delete(listener)
    },
    watch(request, heard) {
      const watch = { request, listeners: heard }
      fake.watches.push(watch)
      return () => void fake.watches.splice(fake.watches.indexOf(watch), 1)
    },
    command: (device, name, params, options = {}) =>
      new Promise((resolve, reject) => fake.commands.push({ device, name, params, options, resolve, reject })),
    async request<T>(method: string, path: string) {
      const route = `${method} ${path.replace(/\?.*/, '')}`
      fake.requests.push(`${method} ${path}`)
      return fake.answers.get(route) as T
    },
    history: (device) => client.request('GET', `/devices/${device}/readings`),
    reconnect() {},
    close() {
      fake.closed = true
    },
  }

  const fake: FakeHub = {
    client,
    watches: [],
    commands: [],
    requests: [],
    answers: new Map<string, unknown>([['GET /commands', { commands: [] }]]),
    closed: false,
    emit(event, value) {
      for (const listener of listeners.get(event) ?? []) (listener as (heard: typeof value) => void)(value)
    },
    become(next) {
      state = next
      fake.emit('state', next)
    },
  }
  return fake
}
