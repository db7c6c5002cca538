// One device, or one gateway with many, on its socket: hello, readings in, commands out, replies in.

import type { Caller } from '../../core/access/keys.ts'
import type { Commands } from '../../core/commands.ts'
import { decode } from '../../core/decode.ts'
import type { Devices } from '../../core/devices.ts'
import { HubError, unreachable } from '../../core/errors.ts'
import type { Intake } from '../../core/intake.ts'
import type { Clock, DeviceLink } from '../../core/ports.ts'
import { CloseCode, DeviceMessage, limits } from '../../protocol/index.ts'
import type { Peer } from './peer.ts'

type Hello = Extract<DeviceMessage, { type: 'hello' }>
type Readings = Extract<DeviceMessage, { type: 'readings' }>

/** A link of one device, and how to take it back. */
interface Attached {
  readonly stream: string | undefined
  detach(): void
}

export function startDeviceSession({
  peer,
  caller,
  intake,
  devices,
  commands,
  clock,
}: {
  peer: Peer
  caller: Caller
  intake: Intake
  devices: Devices
  commands: Commands
  clock: Clock
}) {
  const isGateway = caller.kind === 'gateway'
  const attached = new Map<string, Attached>()
  let inFlight = 0
  /** A hello on its way to disk: what was sent right behind it waits for it. */
  let greeting: Promise<void> | undefined
  const cancelHello = clock.after(limits.helloWithinMs, () => peer.close(CloseCode.helloTimeout, 'no hello in time'))

  async function take(message: DeviceMessage) {
    while (greeting) await greeting
    switch (message.type) {
      case 'hello':
        return greet(message)
      case 'readings':
        return readings(message)
      case 'reply':
        return reply(message)
      case 'auth':
        throw new HubError('bad-message', 'This socket is authenticated already.')
      default:
        return unreachable(message)
    }
  }

  async function greet(message: Hello) {
    const greeted = hello(message)
    // What waits for it goes on either way, and hears its own answer.
    greeting = greeted.then(
      () => {},
      () => {},
    )
    try {
      await greeted
    } finally {
      greeting = undefined
    }
  }

  async function hello({ device, profile, stream }: Hello) {
    if (!isGateway && device !== caller.device) throw foreign(device)
    cancelHello()
    await devices.hello(device, profile)
    if (!peer.open) return
    attached.get(device)?.detach()
    attached.set(device, { stream, detach: devices.attach(device, linkOf(device)) })
    const { messageBytes, readingsPerMessage, inFlight } = limits
    peer.tell({ type: 'welcome', device, at: clock.now(), limits: { messageBytes, readingsPerMessage, inFlight } })
  }

  function linkOf(device: string): DeviceLink {
    return {
      via: 'ws',
      deliver({ device: _, ...command }) {
        if (!peer.open) throw new Error('the socket is closed')
        peer.tell(isGateway ? { ...command, device } : command)
      },
      close(reason) {
        if (reason === 'revoked') return peer.close(CloseCode.forbidden, 'key revoked')
        if (reason === 'going-away') return peer.close(CloseCode.goingAway, 'hub going away')
        attached.delete(device)
        // A gateway has other devices on this socket; only this one moved.
        if (!isGateway) return peer.close(CloseCode.replaced, 'replaced by a newer link')
        peer.tell({
          type: 'error',
          ref: device,
          code: 'conflict',
          detail: `"${device}" is linked by a newer connection.`,
        })
      },
    }
  }

  async function readings({ seq, device: named, readings }: Readings) {
    const device = named ?? (attached.size === 1 ? (attached.keys().next().value as string) : undefined)
    if (device === undefined || !(isGateway || attached.has(device)))
      throw named === undefined ? helloFirst() : foreign(named)
    try {
      const receipt = await intake.accept({ device, via: 'ws', stream: attached.get(device)?.stream, seq }, readings)
      peer.tell({ type: 'ack', seq, ...receipt, durable: 'disk' })
    } catch (error) {
      if (!(error instanceof HubError)) throw error
      const { code, message, retryAfterMs } = error
      peer.tell({ type: 'nack', seq, code, detail: message, ...(retryAfterMs !== undefined && { retryAfterMs }) })
    }
  }

  /** From a gateway, the command says whose it is. */
  async function reply(message: Extract<DeviceMessage, { type: 'reply' }>) {
    const { type: _, ...said } = message
    const device = isGateway ? (await commands.find(said.id))?.device : caller.device
    if (device !== undefined) await commands.take(device, said)
  }

  function foreign(device: string): HubError {
    return new HubError('foreign-device', `This key does not speak for "${device}".`)
  }

  peer.onMessage(async (message) => {
    // Nothing is lost by this: what the device sends meanwhile waits in the network.
    if (++inFlight === limits.inFlight) peer.pause()
    try {
      await take(decode(DeviceMessage, message))
    } finally {
      if (inFlight-- === limits.inFlight) peer.resume()
    }
  })
  peer.onClose(() => {
    cancelHello()
    for (const { detach } of attached.values()) detach()
  })
}

function helloFirst(): HubError {
  return new HubError('bad-message', 'Say hello first, or name the device.')
}
