// A line to a hub on which the way back can be lost: devices are heard, and hear nothing.

import { once } from 'node:events'
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net'

export interface OneWay {
  readonly port: number
  readonly url: string
  /** From now on nothing comes back. */
  mute(): void
  /** Ends all connections; new ones carry both ways. */
  mend(): void
  close(): Promise<void>
}

export async function createOneWay(targetPort: number): Promise<OneWay> {
  const sockets = new Set<Socket>()
  let muted = false
  const server = createServer((device) => {
    const hub = dial(targetPort, '127.0.0.1')
    device.pipe(hub)
    hub.on('data', (data) => muted || device.write(data))
    for (const [from, to] of [
      [device, hub],
      [hub, device],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    mute() {
      muted = true
    },
    mend() {
      cut()
      muted = false
    },
    async close() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
