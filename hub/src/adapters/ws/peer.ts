// One accepted socket: messages in and out in its own format, refusals in words, an end with a reason.

import type { WebSocket } from 'ws'
import { HubError } from '../../core/errors.ts'
import type { Log } from '../../core/ports.ts'
import { CloseCode, type ErrorCode, type Format, type ToConsole, type ToDevice } from '../../protocol/index.ts'
import { createBucket } from './bucket.ts'
import { type Codec, codecs } from './codec.ts'

/** Messages in a row that make no sense before the socket is closed. */
const patience = 20
/** Answers go around the outbox; a peer that asks and never reads ends here. */
const mostUnsentBytes = 8 * 1024 * 1024
/** Of WebSocket pings (RFC 6455 §5.5.2), which are answered without us. */
const pingRate = { perSecond: 2, burst: 20 }

type Take = (message: unknown) => unknown
export type Peer = ReturnType<typeof createPeer>

export function createPeer({
  socket,
  format,
  address,
  log,
}: {
  socket: WebSocket
  format: Format
  address: string
  log: Log
}) {
  const codec: Codec = codecs[format]
  const pings = createBucket(pingRate)
  let handler: Take | undefined
  /** Of one message, where it is less than what every socket has. */
  let most: number | undefined
  let nonsense = 0
  let missedPongs = 0

  const peer = {
    codec,
    address,
    get open() {
      return socket.readyState === socket.OPEN
    },
    backlog: () => socket.bufferedAmount,
    tell(message: ToDevice | ToConsole) {
      peer.send(codec.encode(message))
    },
    /** A message that is encoded already. */
    send(frame: Uint8Array) {
      if (socket.readyState !== socket.OPEN) return
      if (socket.bufferedAmount > mostUnsentBytes) return socket.terminate()
      socket.send(frame, { binary: codec.binary })
    },
    close(code: number, reason: string) {
      socket.close(code, reason)
    },
    pause: () => socket.pause(),
    resume: () => socket.resume(),

    /** Asked at every turn of the heartbeat: false, and the socket is cut, after two pings without an answer. */
    beat(): boolean {
      if (missedPongs >= 2) {
        socket.terminate()
        return false
      }
      missedPongs++
      socket.ping()
      return true
    },

    /** Without a goodbye. */
    cut: () => socket.terminate(),

    /** The first message alone, of at most `maxBytes`; what follows is for `onMessage`. */
    onFirstMessage(take: Take, maxBytes: number) {
      most = maxBytes
      handler = (message) => {
        most = undefined
        handler = undefined
        return take(message)
      }
    },

    /** Every message, decoded. What `take` throws is told to the peer with the name the message has; the socket stays. */
    onMessage(take: Take) {
      handler = take
    },

    onClose(closed: (code: number) => void) {
      socket.on('close', closed)
    },
  }

  async function heard(data: Buffer, isBinary: boolean) {
    // ws goes on hearing until the other side closes too; a peer that was shown out has nothing more to say.
    if (!peer.open) return
    missedPongs = 0
    if (most !== undefined && data.length > most) return peer.close(CloseCode.tooBig, 'too big before authentication')
    if (isBinary !== codec.binary) {
      return peer.close(CloseCode.notText, codec.binary ? 'this channel is binary' : 'this channel is text')
    }
    let message: unknown
    try {
      message = codec.decode(data)
      await handler?.(message)
      nonsense = 0
    } catch (error) {
      complain(error, refOf(message))
    }
  }

  function complain(error: unknown, ref: string | undefined) {
    const known = error instanceof HubError
    if (!known) log.error('message failed', { address, error })
    const code: ErrorCode = known ? error.code : 'hub-error'
    const detail = known ? error.message : 'The hub failed at this message; it was logged.'
    peer.tell({
      type: 'error',
      code,
      detail,
      ...(ref !== undefined && { ref }),
      ...(known && error.errors && { errors: [...error.errors] }),
    })
    if (code === 'foreign-device' || code === 'wrong-audience')
      return peer.close(CloseCode.forbidden, detail.slice(0, 120))
    if (isNonsense(code) && ++nonsense >= patience) peer.close(CloseCode.badMessage, 'too many bad messages')
  }

  socket.on('message', heard)
  socket.on('pong', () => {
    missedPongs = 0
  })
  socket.on('ping', () => {
    if (!pings.take()) peer.close(CloseCode.tooFast, 'too many pings')
  })
  // Protocol errors end in a close with the right code (1002, 1007, 1009), which `ws` sends by itself.
  socket.on('error', (error) => log.debug('socket error', { address, error }))
  return peer
}

function isNonsense(code: ErrorCode): boolean {
  return code === 'bad-json' || code === 'bad-message' || code === 'too-deep' || code === 'bad-name'
}

function refOf(message: unknown): string | undefined {
  const { id, seq } = (message ?? {}) as { id?: unknown; seq?: unknown }
  if (typeof id === 'string') return id.slice(0, 64)
  return typeof seq === 'number' ? String(seq) : undefined
}
