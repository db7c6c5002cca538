// One console on its socket: watches and commands in; snapshots, live readings and every change of a command out.

import { allow } from '../../core/access/grants.ts'
import type { Caller } from '../../core/access/keys.ts'
import { hasEnded } from '../../core/command-states.ts'
import type { Commands } from '../../core/commands.ts'
import { decode } from '../../core/decode.ts'
import { HubError, unreachable } from '../../core/errors.ts'
import type { Live } from '../../core/live/live.ts'
import type { Clock } from '../../core/ports.ts'
import { type Actor, CloseCode, type Command, ConsoleMessage, limits, type Role } from '../../protocol/index.ts'
import { createBucket } from './bucket.ts'
import type { Peer } from './peer.ts'

const messageRate = { perSecond: 50, burst: 200 }

export interface ConsoleSession {
  /** `shared` is the message as all others get it; who asked for the command gets its own `ref` as well. */
  commandChanged(command: Command, shared: () => Uint8Array): void
}

export function startConsoleSession({
  peer,
  session,
  caller,
  origin,
  grant,
  role,
  live,
  commands,
  clock,
  onClose,
}: {
  peer: Peer
  /** Its name in logs. */
  session: string
  caller: Caller
  origin: string | undefined
  grant: Role | undefined
  role: Role
  live: Live
  commands: Commands
  clock: Clock
  onClose: () => void
}): ConsoleSession {
  const by: Actor = { key: caller.keyId, name: caller.name, kind: caller.kind, ...(origin !== undefined && { origin }) }
  const bucket = createBucket(messageRate)
  /** Commands asked for here that have not ended: id of the command → the console's own name for it. */
  const refs = new Map<string, string>()
  const stream = live.join({
    encoder: peer.codec,
    send: peer.send,
    backlog: peer.backlog,
    tell: peer.tell,
    tellShared(message, encoded) {
      const bytes = encoded.get(peer.codec) ?? peer.codec.encode(message)
      encoded.set(peer.codec, bytes)
      peer.send(bytes)
    },
    giveUp: () => peer.close(CloseCode.tryLater, 'too slow'),
  })

  async function take(message: ConsoleMessage) {
    switch (message.type) {
      case 'watch':
        return stream.watch(message)
      case 'unwatch':
        return stream.unwatch(message.id)
      case 'command':
        return command(message)
      case 'ping':
        return pong(message.at)
      case 'auth':
        return peer.close(CloseCode.badMessage, 'already authenticated')
      default:
        return unreachable(message)
    }
  }

  async function command({ id: ref, type: _, ...request }: Extract<ConsoleMessage, { type: 'command' }>) {
    allow(caller, 'command', grant)
    const { id } = await commands.request(request, by)
    const now = await commands.find(id)
    if (!now) throw new HubError('hub-error', 'The command was kept but cannot be found.')
    refs.set(id, ref)
    tellOwn(now, ref)
  }

  function tellOwn(command: Command, ref: string) {
    peer.tell({ type: 'command', ref, command })
    if (hasEnded(command.state)) refs.delete(command.id)
  }

  function pong(at: number) {
    const position = stream.behind ? {} : { cursor: live.cursor }
    peer.tell({ type: 'pong', at, hubAt: clock.now(), ...position })
  }

  peer.onMessage(async (message) => {
    if (!bucket.take()) return peer.close(CloseCode.tooFast, 'too many messages')
    await take(decode(ConsoleMessage, message))
  })
  peer.onClose(() => {
    stream.leave()
    onClose()
  })
  peer.tell({ type: 'welcome', at: clock.now(), session, role, cursor: live.cursor, resumeMs: limits.resumeMs })

  return {
    commandChanged(command, shared) {
      const ref = refs.get(command.id)
      if (ref === undefined) peer.send(shared())
      else tellOwn(command, ref)
    },
  }
}
