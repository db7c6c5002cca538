// Starts a real Mosquitto for a test: anonymous, on loopback only.

import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { programOf } from './available.ts'
import { freePort } from './free-port.ts'
import { type Server, startServer } from './server.ts'

export interface Mosquitto extends Server {
  /** `mqtt://127.0.0.1:<port>` */
  url: string
  port: number
}

/** `config`: further lines of mosquitto.conf. What is retained or queued outlives `restart()` only with `persistence true`. */
export async function startMosquitto({ config = [] }: { config?: string[] } = {}): Promise<Mosquitto> {
  const port = await freePort()
  const server = await startServer({
    program: programOf('mosquitto'),
    async prepare(folder) {
      const file = join(folder, 'mosquitto.conf')
      // Started by root it would become the user `mosquitto`, who may not enter the test's folder.
      const lines = [
        ...(process.getuid?.() === 0 ? ['user root'] : []),
        `listener ${port} 127.0.0.1`,
        'allow_anonymous true',
        'log_dest stderr',
        `persistence_location ${folder}/`,
        ...config,
      ]
      await writeFile(file, `${lines.join('\n')}\n`)
      return ['-c', file]
    },
    probe: () => reach(port),
  })
  return { ...server, url: `mqtt://127.0.0.1:${port}`, port }
}

async function reach(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
  })
}
