// Every WebSocket comes in here: judged before the 101, counted, introduced, and closed when its right to be there ends.

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { allow, roleOf } from '../../core/access/grants.ts'
import type { Commands } from '../../core/commands.ts'
import { decode } from '../../core/decode.ts'
import type { Devices } from '../../core/devices.ts'
import { HubError } from '../../core/errors.ts'
import type { Intake } from '../../core/intake.ts'
import type { Live } from '../../core/live/live.ts'
import type { Clock, Log } from '../../core/ports.ts'
import { AuthMessage, CloseCode, type ErrorCode, limits, subprotocols } from '../../protocol/index.ts'
import { type ConsoleSession, startConsoleSession } from './console-session.ts'
import { startDeviceSession } from './device-session.ts'
import { type Access, type Handshake, type Identity, shake } from './handshake.ts'
import { createPeer, type Peer } from './peer.ts'
import { refuse } from './refusal.ts'

/** Sockets in all, and sockets of one address that have not said who they are. */
const maxSockets = 20_000
const maxStrangersAnAddress = 64
/** A ping flood of fragments stops here (ws CVE-2026-48779). */
const maxFragments = 64

/** How a socket ends that may not be there, whoever it is. */
const refusals = new Map<ErrorCode, number>([
  ['wrong-audience', CloseCode.forbidden],
  ['origin-not-allowed', CloseCode.forbidden],
])

/** A socket that said who it is. */
interface Seat {
  readonly peer: Peer
  readonly identity: Identity
  readonly handshake: Handshake
  console?: ConsoleSession
}

export function openGate({
  server,
  access,
  intake,
  devices,
  commands,
  live,
  clock,
  log,
}: {
  server: Server
  access: Access
  intake: Intake
  devices: Devices
  commands: Commands
  live: Live
  clock: Clock
  log: Log
}) {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: limits.messageBytes,
    ...{ maxFragments },
    // Ours only; a ticket that came as a subprotocol is never echoed.
    handleProtocols: (offered) => Object.values(subprotocols).findLast((name) => offered.has(name)) ?? false,
  })
  const peers = new Set<Peer>()
  const seats = new Set<Seat>()
  const strangers = new Map<string, number>()

  function upgrade(request: IncomingMessage, stream: Duplex, head: Buffer) {
    const address = request.socket.remoteAddress ?? 'unknown'
    try {
      const handshake = shake(request, access)
      if (peers.size >= maxSockets)
        throw new HubError('overloaded', 'The hub has as many sockets as it can hold.', { retryAfterMs: 10_000 })
      if (!handshake.identity && (strangers.get(address) ?? 0) >= maxStrangersAnAddress) {
        throw new HubError('too-fast', 'Too many sockets of this address have not said who they are.', {
          retryAfterMs: limits.helloWithinMs,
        })
      }
      if (handshake.identity) admit(handshake, handshake.identity)
      sockets.handleUpgrade(request, stream, head, (socket) => accept(socket, handshake, address))
    } catch (error) {
      if (!(error instanceof HubError)) log.error('handshake failed', { address, error })
      else log.info('handshake refused', { address, code: error.code })
      refuse(stream, error)
    }
  }

  /** HubError `wrong-audience` for a device key on the console endpoint, and the reverse. */
  function admit({ endpoint }: Handshake, { caller, grant }: Identity) {
    if (endpoint === 'device') allow(caller, 'ingest')
    else roleOf(caller, grant)
  }

  function accept(socket: WebSocket, handshake: Handshake, address: string) {
    const peer = createPeer({ socket, format: handshake.format, address, log })
    peers.add(peer)
    peer.onClose(() => peers.delete(peer))
    if (handshake.identity) serve(peer, handshake, handshake.identity)
    else introduce(peer, handshake)
  }

  /** The first message must say who it is, in time and in few bytes. */
  function introduce(peer: Peer, handshake: Handshake) {
    const { address } = peer
    strangers.set(address, (strangers.get(address) ?? 0) + 1)
    const known = once(() => {
      cancel()
      const left = (strangers.get(address) ?? 1) - 1
      if (left > 0) strangers.set(address, left)
      else strangers.delete(address)
    })
    const cancel = clock.after(limits.helloWithinMs, () => peer.close(CloseCode.helloTimeout, 'no auth in time'))
    peer.onClose(known)
    peer.onFirstMessage((message) => {
      known()
      try {
        const identity = authenticate(handshake, decode(AuthMessage, message))
        admit(handshake, identity)
        serve(peer, handshake, identity)
      } catch (error) {
        if (!(error instanceof HubError)) throw error
        const code = error.code === 'bad-message' ? 'bearer-required' : error.code
        const detail = error.code === 'bad-message' ? 'Send {"type":"auth",…} first.' : error.message
        peer.tell({ type: 'error', code, detail })
        peer.close(refusals.get(code) ?? CloseCode.unauthenticated, code)
      }
    }, limits.messageBytesBeforeAuth)
  }

  function authenticate({ origin }: Handshake, { ticket, key }: AuthMessage): Identity {
    const verdict = origin === undefined ? undefined : access.origins.judge(origin)
    // It was allowed at the handshake; much can happen in five seconds.
    if (verdict && !verdict.allowed) throw new HubError(verdict.code, verdict.detail)
    const grant = verdict?.grant
    if (key !== undefined) return { caller: access.keys.verify(key), grant }
    return { caller: access.tickets.redeem(ticket, origin).caller, grant }
  }

  function serve(peer: Peer, handshake: Handshake, identity: Identity) {
    const seat: Seat = { peer, identity, handshake }
    seats.add(seat)
    peer.onClose(() => seats.delete(seat))
    const { caller, grant } = identity
    if (handshake.endpoint === 'device') return startDeviceSession({ peer, caller, intake, devices, commands, clock })
    const session = randomBytes(9).toString('base64url')
    const { origin } = handshake
    log.info('console connected', { session, origin, key: caller.keyId })
    seat.console = startConsoleSession({
      peer,
      session,
      caller,
      origin,
      grant,
      role: roleOf(caller, grant),
      live,
      commands,
      clock,
      onClose: () => log.info('console left', { session }),
    })
  }

  function expel(seat: Seat, reason: string) {
    log.info('socket closed', { reason, key: seat.identity.caller.keyId, origin: seat.handshake.origin })
    seat.peer.close(CloseCode.forbidden, reason)
  }

  /** Sockets of origins that are not allowed any more, or not as much as before. */
  function judgeAgain() {
    for (const seat of seats) {
      const { origin } = seat.handshake
      if (origin === undefined) continue
      const verdict = access.origins.judge(origin)
      if (!verdict.allowed || verdict.grant !== seat.identity.grant) expel(seat, 'origin removed')
    }
  }

  const stops = [
    commands.onChange((command) => {
      const encoded = new Map<Peer['codec'], Uint8Array>()
      for (const { peer, console } of seats) {
        console?.commandChanged(command, () => {
          const bytes = encoded.get(peer.codec) ?? peer.codec.encode({ type: 'command', command })
          encoded.set(peer.codec, bytes)
          return bytes
        })
      }
    }),
    access.keys.onRevoked((keyId) => {
      for (const seat of seats) if (seat.identity.caller.keyId === keyId) expel(seat, 'key revoked')
    }),
    access.origins.onRemoved(judgeAgain),
    clock.every(limits.heartbeatMs, () => {
      for (const peer of peers) peer.beat()
      for (const seat of seats) if (!access.keys.isActive(seat.identity.caller.keyId)) expel(seat, 'key expired')
    }),
  ]
  server.on('upgrade', upgrade)

  return {
    connections(): { devices: number; consoles: number } {
      let consoles = 0
      for (const seat of seats) if (seat.console) consoles++
      return { devices: seats.size - consoles, consoles }
    },
    /** Says goodbye to all; those that do not answer are cut after `withinMs`. */
    async close(withinMs = 2_000) {
      for (const stop of stops) stop()
      server.off('upgrade', upgrade)
      const gone = [...peers].map((peer) => new Promise<void>((resolve) => peer.onClose(() => resolve())))
      for (const peer of peers) peer.close(CloseCode.goingAway, 'hub going away')
      const cancel = clock.after(withinMs, () => {
        for (const peer of peers) peer.cut()
      })
      await Promise.all(gone)
      cancel()
    },
  }
}

function once(run: () => void): () => void {
  let done = false
  return () => {
    if (done) return
    done = true
    run()
  }
}
