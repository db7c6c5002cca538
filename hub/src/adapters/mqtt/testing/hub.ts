// An embedded broker on a fake core, with keys, for the tests of this folder.

import { startBroker } from '../broker.ts'
import { createFakeCore } from './fake-core.ts'
import { connectPacket, openWire, subscribePacket, type Wire } from './wire.ts'

export interface Login {
  username: string
  password: string
}

export async function startHub() {
  const core = createFakeCore()
  const keys = await core.openKeys()
  const audited: { action: string; result: string; target?: string | undefined }[] = []
  const { intake, devices, commands, clock, log } = core
  const broker = await startBroker({
    host: '127.0.0.1',
    port: 0,
    keys,
    intake,
    devices,
    commands,
    clock,
    log,
    audit: { append: async ({ action, result, target }) => void audited.push({ action, result, target }) },
  })
  const wires: Wire[] = []

  async function wire(): Promise<Wire> {
    const opened = await openWire(broker.port)
    wires.push(opened)
    return opened
  }

  return {
    core,
    keys,
    audited,
    port: broker.port,
    wire,
    async deviceKey(device: string): Promise<Login & { id: string }> {
      const { id, secret } = await keys.create({ kind: 'device', name: device, device })
      return { id, username: device, password: secret }
    },
    async gatewayKey(): Promise<Login & { id: string }> {
      const { id, secret } = await keys.create({ kind: 'gateway', name: 'gateway' })
      return { id, username: id, password: secret }
    },
    /** A connected wire; CONNACK was read. */
    async session({ username, password }: Login, more: Parameters<typeof connectPacket>[0] = {}): Promise<Wire> {
      const opened = await wire()
      opened.send(connectPacket({ username, password: Buffer.from(password), ...more }))
      const connack = await opened.next()
      if (connack === 'closed' || connack.cmd !== 'connack' || connack.returnCode !== 0)
        throw new Error(`not connected: ${JSON.stringify(connack)}`)
      return opened
    },
    /** Subscribes to the commands of a device and waits for its link. */
    async linked(session: Wire, device: string) {
      session.send(subscribePacket(`telehub/v1/${device}/commands/+`))
      await session.next()
      await core.until(() => core.links.has(device))
    },
    async close() {
      for (const opened of wires) opened.end()
      await broker.close()
    },
  }
}

export type Hub = Awaited<ReturnType<typeof startHub>>
