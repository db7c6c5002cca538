// Commands of a client: sent under a key of idempotency, so that a break in between sends none twice and loses none.

import type { ConsoleMessage } from '../protocol/messages.ts'
import type { Command, Params } from '../protocol/model.ts'
import { HubProblem } from './problem.ts'

export interface CommandOptions {
  /** How long it may wait for the device; naming it also lets the command wait for an offline device. */
  readonly ttlMs?: number
  readonly ifOffline?: 'queue' | 'fail'
  readonly idempotencyKey?: string
  /** Hears every change of state. */
  readonly onChange?: (command: Command) => void
  /** Stops waiting; the command goes on. */
  readonly signal?: AbortSignal
}

interface Pending {
  readonly message: Extract<ConsoleMessage, { type: 'command' }>
  readonly askedAt: number
  /** Sent on this connection and not answered yet. */
  underway: boolean
  /** Known once the hub has kept the command. */
  commandId?: string
  onChange(command: Command): void
  resolve(command: Command): void
  reject(problem: unknown): void
}

const finalStates = new Set(['succeeded', 'failed', 'rejected', 'timed-out', 'expired', 'cancelled', 'unknown'])
/** Asked at one time; the next goes out when one is answered, so that many at once are not too many for the hub. */
const mostUnderway = 32
/** A command that the hub did not confirm is not sent later than this, if it does not name a time to live itself. */
const defaultTtlMs = 30_000

export function createCommands(send: (message: ConsoleMessage) => void) {
  const pending = new Map<string, Pending>()
  let nextRef = 1
  let connected = false

  function sendNext() {
    if (!connected) return
    let underway = 0
    for (const waiting of pending.values()) if (waiting.underway) underway++
    for (const waiting of pending.values()) {
      if (underway >= mostUnderway) return
      if (waiting.underway || waiting.commandId !== undefined) continue
      waiting.underway = true
      underway++
      send(waiting.message)
    }
  }

  function answered(waiting: Pending) {
    waiting.underway = false
    sendNext()
  }

  return {
    /** Resolves with the final state, whatever it is; HubProblem when the hub refuses the command. */
    request(device: string, name: string, params: Params | undefined, options: CommandOptions): Promise<Command> {
      const { ttlMs, ifOffline, idempotencyKey = randomKey(), onChange = () => {}, signal } = options
      const ref = `c${nextRef++}`
      return new Promise<Command>((resolve, reject) => {
        signal?.throwIfAborted()
        const message: Pending['message'] = {
          type: 'command',
          id: ref,
          device,
          name,
          params,
          ttlMs,
          ifOffline,
          idempotencyKey,
        }
        pending.set(ref, { message, askedAt: performance.now(), underway: false, onChange, resolve, reject })
        signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
        sendNext()
      }).finally(() => {
        pending.delete(ref)
        sendNext()
      })
    },

    /** After every welcome: the same key finds the same command. One that waited too long is not sent late. */
    askAgain() {
      connected = true
      for (const [ref, waiting] of pending) {
        waiting.underway = false
        const { message, askedAt, commandId, reject } = waiting
        const isLate = performance.now() - askedAt > (message.ttlMs ?? defaultTtlMs)
        if (commandId === undefined && isLate) {
          pending.delete(ref)
          reject(
            new HubProblem('unreachable', 'The hub did not confirm the command in time; it may or may not have it.'),
          )
        } else delete waiting.commandId
      }
      sendNext()
    },

    lost() {
      connected = false
    },

    changed(ref: string | undefined, command: Command) {
      for (const [itsRef, waiting] of pending) {
        if (itsRef === ref && waiting.commandId === undefined) {
          waiting.commandId = command.id
          answered(waiting)
        }
        if (waiting.commandId !== command.id) continue
        waiting.onChange(command)
        if (finalStates.has(command.state)) waiting.resolve(command)
      }
    },

    /** False when `ref` is not a command. */
    error(ref: string | undefined, problem: HubProblem): boolean {
      const waiting = ref === undefined ? undefined : pending.get(ref)
      waiting?.reject(problem)
      return waiting !== undefined
    },

    close() {
      for (const { reject } of pending.values())
        reject(new HubProblem('closed', 'The connection was closed before the command ended.'))
    },
  }
}

/** `crypto.randomUUID` exists only on secure pages; a console on a plain-http LAN needs this too. */
function randomKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}
