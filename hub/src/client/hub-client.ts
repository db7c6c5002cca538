// A console's connection to a hub: connect, watch, command, and come back after every break without hole or repeat.

import { backoff } from '../protocol/backoff.ts'
import { CloseCode } from '../protocol/close-codes.ts'
import type { History } from '../protocol/http.ts'
import type { ConsoleMessage, ToConsole } from '../protocol/messages.ts'
import type { Command, Device, Params, Role } from '../protocol/model.ts'
import type { Format } from '../protocol/subprotocols.ts'
import { type CommandOptions, createCommands } from './commands.ts'
import { createEvents } from './events.ts'
import { createRequest, hubUrl, type Request, type RequestOptions } from './http.ts'
import { checkOrigin } from './origin-check.ts'
import { HubProblem } from './problem.ts'
import { createPulse } from './pulse.ts'
import { type HubSocket, type NodeSocketClass, openSocket } from './socket.ts'
import type { ConnectionState } from './state.ts'
import { createWatches, type WatchListeners, type WatchRequest } from './watches.ts'

export interface ConnectOptions {
  /** A viewer, operator or admin key. */
  readonly key: string
  readonly format?: Format
  /** In Node: the class of the `ws` package. Browsers use their own. */
  readonly WebSocket?: NodeSocketClass
  /** Closes the client. */
  readonly signal?: AbortSignal
}

export interface Events {
  state: ConnectionState
  command: Command
  device: { device: Device; removed: boolean }
  /** Per second, once a second. */
  traffic: { messages: number; readings: number }
  /** Round trip in ms. */
  pong: number
}

export interface HubClient {
  readonly url: string
  readonly state: ConnectionState
  /** Known after the welcome. */
  readonly role: Role | undefined
  /** Hub time minus own clock, ms. */
  readonly clockOffsetMs: number
  /** Of the last ping, ms. */
  readonly roundTripMs: number | undefined
  on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void
  /** Live readings until the answer is called. */
  watch(request: WatchRequest, listeners: WatchListeners): () => void
  /** Resolves with the final state. HubProblem when the hub refuses it: `not-found`, `unknown-command`, `bad-params`, `device-offline`, `role-needed`, … */
  command(device: string, name: string, params?: Params, options?: CommandOptions): Promise<Command>
  readonly request: Request
  /** `GET /devices/{id}/readings`; times in epoch ms. */
  history(
    device: string,
    query: { metrics?: readonly string[]; from?: number; to?: number; points?: number },
    options?: RequestOptions,
  ): Promise<History>
  /** Tries now instead of waiting. */
  reconnect(): void
  close(): void
}

/** A hub that does not welcome within this time is tried again. */
const welcomeWithinMs = 10_000
/** A connection that held for this long was a good one: the next break starts with short waits again. */
const goodAfterMs = 10_000
/** How long one question after a break may take. */
const askWithinMs = 5_000
/** How often a page that is not allowed asks again: someone may be adding it right now. */
const refusedEveryMs = 5_000

/** Starts connecting at once, and keeps at it until `close`. Throws TypeError for a URL that is not http(s). */
export function connect(
  to: string,
  { key, format = 'json', WebSocket: NodeSocket, signal }: ConnectOptions,
): HubClient {
  const url = hubUrl(to)
  const request = createRequest(url, key)
  const events = createEvents<Events>()
  // Before the welcome nothing is sent: the welcome asks for all of it.
  const send = (message: ConsoleMessage) => {
    if (state.kind === 'live') socket?.send(message)
  }
  const watches = createWatches(send)
  const commands = createCommands(send)
  const pulse = createPulse({
    ping: (at) => socket?.send({ type: 'ping', at }),
    onDead: () => ended('The hub fell silent.'),
    onTraffic: (perSecond) => events.emit('traffic', perSecond),
  })

  let state: ConnectionState = { kind: 'connecting' }
  let role: Role | undefined
  let socket: HubSocket | undefined
  let waits = backoff()
  let attempts = 0
  let welcomedAt: number | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Tells an attempt that was overtaken from the one under way. */
  let current = 0

  function become(next: ConnectionState) {
    state = next
    events.emit('state', next)
  }

  async function attempt() {
    const mine = drop()
    const overtaken = () => mine !== current
    timer = setTimeout(() => ended('The hub does not answer.'), welcomeWithinMs)
    try {
      const opened = await openSocket(
        { url, key, format, request, NodeSocket },
        {
          onMessage: (message) => overtaken() || receive(message),
          onClose: (end) => overtaken() || ended(end.reason || 'The connection broke.', end.code),
        },
      )
      if (overtaken()) return opened.close()
      socket = opened
    } catch (error) {
      if (!overtaken()) failed(error)
    }
  }

  function receive(message: ToConsole) {
    pulse.heard()
    switch (message.type) {
      case 'welcome':
        clearTimeout(timer)
        welcomedAt = performance.now()
        role = message.role
        state = { kind: 'live', since: message.at }
        watches.askAgain()
        commands.askAgain()
        pulse.welcomed(message.at)
        // Told last: a watch that a listener makes now is asked for once.
        return events.emit('state', state)
      case 'watching':
        return watches.answer(message, pulse.hubNow())
      case 'readings':
        return pulse.count(watches.readings(message.segments, message.cursor, pulse.hubNow()))
      case 'device':
        watches.device(message.device, message.removed === true)
        return events.emit('device', { device: message.device, removed: message.removed === true })
      case 'command':
        commands.changed(message.ref, message.command)
        return events.emit('command', message.command)
      case 'caughtUp':
        return watches.gaps(message.gaps)
      case 'behind':
        return
      case 'pong':
        events.emit('pong', pulse.ponged(message.at, message.hubAt))
        if (message.cursor !== undefined) watches.quiet(message.cursor, message.hubAt)
        return
      case 'error': {
        const { ref, code, detail, errors } = message
        if (!watches.error(ref, { code, detail }))
          commands.error(ref, new HubProblem(code, detail, { ...(errors && { errors }) }))
      }
    }
  }

  function failed(error: unknown) {
    if (error instanceof HubProblem && (error.status === 401 || error.status === 403)) {
      return halt({ kind: 'unauthorised', detail: error.message })
    }
    ended(error instanceof Error ? error.message : String(error))
  }

  /** Ends what there is of a connection or an attempt; the answer names the attempt that may follow. */
  function drop(): number {
    clearTimeout(timer)
    socket?.close()
    socket = undefined
    pulse.lost()
    commands.lost()
    return ++current
  }

  function halt(next: ConnectionState) {
    drop()
    become(next)
  }

  /** A connection, or an attempt at one, is over: say so, try again after a while, and find out why meanwhile. */
  async function ended(reason: string, code?: number) {
    if (state.kind === 'closed') return
    const mine = drop()
    if (code === CloseCode.badMessage) return halt({ kind: 'version-mismatch', detail: reason })
    if (welcomedAt !== undefined && performance.now() - welcomedAt >= goodAfterMs) {
      waits = backoff()
      attempts = 0
    }
    welcomedAt = undefined
    const waitMs = waits.next().value
    become({ kind: 'reconnecting', attempt: ++attempts, retryAt: Date.now() + waitMs, reason })
    timer = setTimeout(attempt, waitMs)
    const cause = await causeOf()
    if (mine !== current || !cause) return
    if (cause.kind === 'unauthorised') return halt(cause)
    clearTimeout(timer)
    become(cause)
    timer = setTimeout(attempt, refusedEveryMs)
  }

  /** A socket that failed says nothing of the cause; ask in ways that do. Undefined when trying again is all there is to do. */
  async function causeOf(): Promise<ConnectionState | undefined> {
    if (typeof navigator !== 'undefined' && navigator.onLine === false) return { kind: 'offline' }
    const verdict = await checkOrigin(url).catch(() => undefined)
    if (!verdict) return undefined
    if (!verdict.allowed && !NodeSocket) return { kind: 'origin-refused', detail: verdict.reason, fix: verdict.fix }
    const refusal = await request('GET', '/devices?limit=1', undefined, {
      signal: AbortSignal.timeout(askWithinMs),
    }).catch((error) => error)
    if (!(refusal instanceof HubProblem) || (refusal.status !== 401 && refusal.status !== 403)) return undefined
    return { kind: 'unauthorised', detail: refusal.message }
  }

  function reconnect() {
    if (state.kind === 'closed') return
    become({ kind: 'connecting' })
    void attempt()
  }

  const tryNow = () => {
    if (state.kind !== 'live' && state.kind !== 'connecting' && state.kind !== 'unauthorised') reconnect()
  }
  const stopHearing = hearOfReturn(tryNow)

  function close() {
    if (state.kind === 'closed') return
    stopHearing()
    pulse.stop()
    halt({ kind: 'closed' })
    commands.close()
  }

  signal?.addEventListener('abort', close, { once: true })
  if (signal?.aborted) close()
  else void attempt()

  return {
    url,
    get state() {
      return state
    },
    get role() {
      return role
    },
    get clockOffsetMs() {
      return pulse.offsetMs
    },
    get roundTripMs() {
      return pulse.roundTripMs
    },
    on: events.on,
    watch: watches.add,
    command: (device, name, params, options = {}) => commands.request(device, name, params, options),
    request,
    history(device, { metrics, from, to, points }, options) {
      const query = new URLSearchParams()
      if (metrics) query.set('metric', metrics.join(','))
      for (const [name, value] of Object.entries({ from, to, points }))
        if (value !== undefined) query.set(name, String(value))
      return request('GET', `/devices/${encodeURIComponent(device)}/readings?${query}`, undefined, options)
    },
    reconnect,
    close,
  }
}

/** The network is back, or the page is looked at again: no reason to wait any longer. */
function hearOfReturn(tryNow: () => void): () => void {
  if (typeof document === 'undefined') return () => {}
  const seen = () => {
    if (document.visibilityState === 'visible') tryNow()
  }
  addEventListener('online', tryNow)
  document.addEventListener('visibilitychange', seen)
  return () => {
    removeEventListener('online', tryNow)
    document.removeEventListener('visibilitychange', seen)
  }
}
