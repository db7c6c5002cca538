// The links that one MQTT session gives: to the devices whose commands it carries.

import type { Devices } from '../../core/devices.ts'
import type { DeviceLink, Log } from '../../core/ports.ts'
import type { DeviceCommand } from '../../protocol/index.ts'
import type { DeviceEars } from './inbox.ts'

type Qos = 0 | 1

export interface DeviceLinks extends DeviceEars {
  /** Commands for `target` can be sent: a device, or `'+'` for every device that this session speaks for. */
  subscribed(target: string, qos: Qos): void
  unsubscribed(target: string): void
  /** Detaches all, for good. */
  close(): void
}

/** One session speaks for this many devices at most; further ones are heard, but not linked by `'+'`. */
const maxDevices = 100_000

export function createDeviceLinks({
  devices,
  shared,
  send,
  end,
  log,
}: {
  devices: Pick<Devices, 'hello' | 'attach'>
  /** The session of a gateway or a bridge, which goes on when one of its devices is linked elsewhere. */
  shared: boolean
  /** Throws when the session is gone. */
  send: (device: string, command: DeviceCommand, qos: Qos) => void
  /** Ends the session. */
  end: (reason: Parameters<DeviceLink['close']>[0]) => void
  log: Log
}): DeviceLinks {
  const subscriptions = new Map<string, Qos>()
  const spokenFor = new Set<string>()
  /** Said `offline`, or is linked elsewhere: not linked again before it says `online` or is subscribed to. */
  const away = new Set<string>()
  const drops = new Map<string, () => void>()
  let closed = false

  function qosOf(device: string): Qos | undefined {
    return subscriptions.get(device) ?? (spokenFor.has(device) ? subscriptions.get('+') : undefined)
  }

  function settle(device: string) {
    const wanted = !closed && !away.has(device) && qosOf(device) !== undefined
    if (!wanted) drop(device)
    else if (!drops.has(device)) void attach(device)
  }

  function settleTarget(target: string) {
    if (target !== '+') return settle(target)
    for (const device of spokenFor) settle(device)
  }

  function drop(device: string) {
    drops.get(device)?.()
    drops.delete(device)
  }

  async function attach(device: string) {
    let detach: (() => void) | undefined
    let dropped = false
    drops.set(device, () => {
      dropped = true
      detach?.()
    })
    try {
      await devices.hello(device)
      if (!dropped) detach = devices.attach(device, linkTo(device))
    } catch (error) {
      if (!dropped) drop(device)
      log.error('device not linked', { device, error })
    }
  }

  function linkTo(device: string): DeviceLink {
    return {
      via: 'mqtt',
      deliver: (command) => send(device, command, qosOf(device) ?? 1),
      close(reason) {
        away.add(device)
        settle(device)
        if (reason !== 'replaced' || !shared) end(reason)
      },
    }
  }

  function heard(device: string) {
    if (!shared || spokenFor.has(device) || spokenFor.size >= maxDevices) return
    spokenFor.add(device)
    settle(device)
  }

  return {
    subscribed(target, qos) {
      subscriptions.set(target, qos)
      away.delete(target)
      settleTarget(target)
    },
    unsubscribed(target) {
      subscriptions.delete(target)
      settleTarget(target)
    },
    heard,
    online(device) {
      away.delete(device)
      heard(device)
      settle(device)
    },
    offline(device) {
      if (!drops.has(device)) return
      away.add(device)
      settle(device)
    },
    close() {
      closed = true
      for (const device of [...drops.keys()]) drop(device)
    },
  }
}
