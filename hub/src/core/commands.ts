// The life of a command: checked, kept, sent, answered or given up; every step is on disk before anyone is told.

import { randomBytes } from 'node:crypto'
import type { Actor, Command, CommandChange, CommandProfile, CommandState, Params, Reply } from '../protocol/index.ts'
import { hasEnded, mayBecome } from './command-states.ts'
import type { Devices } from './devices.ts'
import { HubError } from './errors.ts'
import { createOpenCommands } from './open-commands.ts'
import { checkParams } from './params.ts'
import type { Clock, CommandFilter, Log, Records } from './ports.ts'
import { createTurns } from './turns.ts'

export interface NewCommand {
  readonly device: string
  readonly name: string
  readonly params?: Params | undefined
  /** How long it may wait for the device. */
  readonly ttlMs?: number | undefined
  readonly ifOffline?: 'queue' | 'fail' | undefined
  /** The same key of the same caller again is the same command. */
  readonly idempotencyKey?: string | undefined
}

export type Commands = ReturnType<typeof createCommands>

const defaultTtlMs = 30_000
const defaultTimeoutMs = 30_000
/** A result larger than this, as JSON, is not kept. */
const resultBytes = 16_384
const longestTimerMs = 2_000_000_000
/** Of a command that reports progress without end only the newest steps are kept. */
const maxChanges = 100

export function createCommands({
  records,
  devices,
  clock,
  log,
}: {
  records: Records['commands']
  devices: Pick<Devices, 'get' | 'link' | 'onLink'>
  clock: Clock
  log: Log
}) {
  const open = createOpenCommands()
  const timers = new Map<string, () => void>()
  /** One after the other for each command: a step is told only after it was saved. */
  const turns = createTurns()
  const { inTurn } = turns
  const listeners = new Set<(command: Command) => void>()
  let idTime = 0
  let idCount = 0

  /** Sorts by time, also within a millisecond; not to be guessed. */
  function nextId(): string {
    const now = Math.max(clock.now(), idTime)
    idCount = now === idTime ? idCount + 1 : 0
    idTime = now
    const time = now.toString(36).padStart(9, '0')
    return `c${time}${idCount.toString(36).padStart(4, '0')}${randomBytes(6).toString('hex')}`
  }

  async function keep(command: Command) {
    await records.save(command)
    if (hasEnded(command.state)) {
      open.remove(command)
      timers.get(command.id)?.()
      timers.delete(command.id)
    } else open.add(command)
    for (const listener of listeners) listener(command)
  }

  async function become(
    command: Command,
    state: CommandState,
    more: Partial<Command> & { by?: Actor } = {},
  ): Promise<Command> {
    const { by, ...rest } = more
    const change: CommandChange = { state, at: clock.now() }
    if (by) change.by = by
    if (rest.progress !== undefined) change.progress = rest.progress
    const changes = [...command.changes, change]
    if (changes.length > maxChanges) changes.splice(1, changes.length - maxChanges)
    const next = { ...command, ...rest, state, changes }
    await keep(next)
    return next
  }

  /** Ends the command at `at`, by the timer alone: the wall clock may jump. Timers of Node hold 24 days, so a longer wait takes turns. */
  function arm(id: string, at: number) {
    timers.get(id)?.()
    const wait = Math.max(at - clock.now(), 0)
    const over = () => {
      if (wait > longestTimerMs) return arm(id, at)
      inTurn(id, () => overdue(id)).catch((error) => log.error('command not ended in time', { id, error }))
    }
    timers.set(id, clock.after(Math.min(wait, longestTimerMs), over))
  }

  async function overdue(id: string) {
    const command = open.get(id)
    if (command) await become(command, command.state === 'queued' ? 'expired' : 'timed-out')
  }

  /** On disk as `sent` first: after a crash in between, nobody can say that it was not. */
  async function send(command: Command): Promise<Command> {
    const link = devices.link(command.device)
    if (!link) return command
    const deadlineAt = clock.now() + (profileOf(command)?.timeoutMs ?? defaultTimeoutMs)
    const sent = await become(command, 'sent', { deadlineAt })
    arm(sent.id, deadlineAt)
    try {
      const { id, name, params, expiresAt, device } = sent
      link.deliver({ type: 'command', id, name, params, expiresAt, device })
      return sent
    } catch (error) {
      // The link is gone and nothing went out: the next one gets it.
      log.warn('command not handed over', { id: sent.id, device: sent.device, error })
      arm(sent.id, sent.expiresAt)
      return become(sent, 'queued')
    }
  }

  function profileOf({ device, name }: { device: string; name: string }): CommandProfile | undefined {
    const commands = devices.get(device)?.profile?.commands
    return commands && Object.hasOwn(commands, name) ? commands[name] : undefined
  }

  function checked(request: NewCommand): Params {
    const device = devices.get(request.device)
    if (!device) throw new HubError('not-found', `There is no device "${request.device}".`)
    const profile = profileOf(request)
    if (!profile) {
      const known = Object.keys(device.profile?.commands ?? {})
      const hint = known.length > 0 ? `It knows ${known.join(', ')}.` : 'Its profile names no commands.'
      throw new HubError('unknown-command', `"${request.device}" has no command "${request.name}". ${hint}`)
    }
    const result = checkParams(profile.params, request.params ?? {})
    if ('params' in result) return result.params
    throw new HubError('bad-params', 'The parameters do not fit the command.', { errors: result.errors })
  }

  async function repeated(request: NewCommand, by: Actor): Promise<Command | undefined> {
    if (request.idempotencyKey === undefined) return undefined
    const first = await records.findIdempotent(by.key, request.idempotencyKey)
    if (!first) return undefined
    const same = first.device === request.device && first.name === request.name
    // Compared as sent before it is checked: the profile may have changed since.
    if (same && (sameParams(first.params, request.params ?? {}) || sameParams(first.params, checked(request))))
      return first
    throw new HubError('idempotency-conflict', 'This idempotency key was used for another command; take a new one.')
  }

  async function create(request: NewCommand, by: Actor): Promise<Command> {
    const first = await repeated(request, by)
    if (first) return first
    const params = checked(request)
    // Whoever names a time to live is ready to wait.
    const ifOffline = request.ifOffline ?? (request.ttlMs === undefined ? 'fail' : 'queue')
    if (ifOffline === 'fail' && !devices.link(request.device)) {
      throw new HubError(
        'device-offline',
        `"${request.device}" is not connected. Send with "ifOffline": "queue" to let it wait.`,
      )
    }
    open.refuseTooMany(request.device)
    const at = clock.now()
    const command: Command = {
      id: nextId(),
      device: request.device,
      name: request.name,
      params,
      state: 'queued',
      at,
      by,
      expiresAt: at + (request.ttlMs ?? defaultTtlMs),
      ifOffline,
      changes: [{ state: 'queued', at, by }],
    }
    if (request.idempotencyKey !== undefined) command.idempotencyKey = request.idempotencyKey
    await keep(command)
    arm(command.id, command.expiresAt)
    return inTurn(command.id, () => send(command))
  }

  async function flow(device: string) {
    for (const id of open.of(device)) {
      await inTurn(id, async () => {
        const command = open.get(id)
        if (command?.state !== 'queued') return
        if (command.expiresAt <= clock.now()) await become(command, 'expired')
        else await send(command)
      })
    }
  }

  async function answered(device: string, reply: Reply) {
    const command = open.get(reply.id) ?? (await records.find(reply.id))
    if (command?.device !== device)
      return log.warn('reply to a command that is not of this device', { device, command: reply.id })
    const said = sized(reply)
    if (hasEnded(command.state)) {
      if (command.lateReply || isRepeat(command, said)) return
      return keep({ ...command, lateReply: { ...said, at: clock.now() } })
    }
    if (!mayBecome(command.state, said.state)) return
    const { progress, result, error } = said
    await become(command, said.state, {
      ...(progress !== undefined && { progress }),
      ...(result !== undefined && { result }),
      ...(error !== undefined && { error }),
    })
  }

  const stopLinks = devices.onLink((id) => {
    flow(id).catch((error) => log.error('queued commands not sent', { device: id, error }))
  })

  return {
    /**
     * At start: what was queued waits on; what was sent and not confirmed is `unknown`, or queued again if its profile
     * says `idempotent`; what the device had confirmed keeps its deadline.
     */
    async load() {
      for (const command of await records.open()) {
        open.add(command)
        if (command.state === 'sent') {
          const again = profileOf(command)?.idempotent === true && command.expiresAt > clock.now()
          const reason = { code: 'hub-restarted', message: 'The hub stopped before the device confirmed the command.' }
          await become(command, again ? 'queued' : 'unknown', again ? {} : { error: reason })
        }
        const now = open.get(command.id)
        if (now) arm(now.id, now.state === 'queued' ? now.expiresAt : (now.deadlineAt ?? now.expiresAt))
      }
    },

    /**
     * Resolves once the command is on disk, and handed over if the device is linked. HubError `not-found`,
     * `unknown-command`, `bad-params` (with pointers), `device-offline`, `idempotency-conflict`, `overloaded`.
     */
    async request(request: NewCommand, by: Actor): Promise<Command> {
      const { idempotencyKey } = request
      if (idempotencyKey === undefined) return create(request, by)
      return inTurn(`${by.key} ${idempotencyKey}`, () => create(request, by))
    },

    /** A reply of a device. Strange ones are logged and harm nothing; the first end stands. */
    async take(device: string, reply: Reply) {
      await inTurn(reply.id, () => answered(device, reply))
    },

    /** HubError `not-found`, `command-ended`. A device that has it already is not stopped by this. */
    async cancel(id: string, by: Actor): Promise<Command> {
      return inTurn(id, async () => {
        const command = open.get(id) ?? (await records.find(id))
        if (!command) throw new HubError('not-found', `There is no command "${id}".`)
        if (hasEnded(command.state))
          throw new HubError('command-ended', `The command has ended already: ${command.state}.`)
        return become(command, 'cancelled', { by })
      })
    },

    find: async (id: string): Promise<Command | undefined> => open.get(id) ?? records.find(id),

    list: (filter: CommandFilter): Promise<readonly Command[]> => records.list(filter),

    /** As soon as it has ended, or as it is after `withinMs`. HubError `not-found`. */
    async ended(id: string, withinMs: number): Promise<Command> {
      const command = open.get(id) ?? (await records.find(id))
      if (!command) throw new HubError('not-found', `There is no command "${id}".`)
      if (hasEnded(command.state)) return command
      return new Promise((resolve) => {
        const finish = (last: Command) => {
          cancel()
          listeners.delete(hear)
          resolve(last)
        }
        const hear = (changed: Command) => {
          if (changed.id === id && hasEnded(changed.state)) finish(changed)
        }
        const cancel = clock.after(withinMs, () => finish(open.get(id) ?? command))
        listeners.add(hear)
      })
    },

    onChange(listener: (command: Command) => void): () => void {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },

    async close() {
      stopLinks()
      for (const cancel of timers.values()) cancel()
      timers.clear()
      await turns.settled()
    },
  }
}

function isRepeat(command: Command, reply: Reply): boolean {
  return command.changes.some(({ state }) => state === reply.state)
}

function sameParams(a: Params, b: Params): boolean {
  const sorted = (params: Params) => JSON.stringify(Object.entries(params).sort(([x], [y]) => (x < y ? -1 : 1)))
  return sorted(a) === sorted(b)
}

/** A reply whose result fits; one that is too large is replaced by words. */
function sized(reply: Reply): Reply {
  if (reply.result === undefined || Buffer.byteLength(JSON.stringify(reply.result) ?? '') <= resultBytes) return reply
  return { ...reply, result: { omitted: `The result was larger than ${resultBytes} bytes.` } }
}
