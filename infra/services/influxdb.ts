// Starts a real InfluxDB 1.6 for a test: no login, on loopback only.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { programOf } from './available.ts'
import { freePort } from './free-port.ts'
import { type Server, startServer } from './server.ts'

export interface Influx extends Server {
  /** `http://127.0.0.1:<port>` */
  url: string
}

/** What was written outlives `kill()` and `restart()`, not `stop()`. */
export async function startInflux(): Promise<Influx> {
  const url = `http://127.0.0.1:${await freePort()}`
  // The port for backups; it would be 8088 for everyone otherwise.
  const rpcPort = await freePort()
  const server = await startServer({
    program: programOf('influxdb'),
    async prepare(folder) {
      const file = join(folder, 'influxdb.conf')
      await writeFile(file, configOf({ folder, http: new URL(url).host, rpc: `127.0.0.1:${rpcPort}` }))
      return ['-config', file]
    },
    async probe() {
      const answer = await fetch(`${url}/ping`)
      if (!answer.ok) throw new Error(`/ping answered ${answer.status}`)
    },
  })
  return { ...server, url }
}

function configOf({ folder, http, rpc }: { folder: string; http: string; rpc: string }): string {
  return `reporting-disabled = true
bind-address = "${rpc}"

[meta]
dir = "${folder}/meta"

[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false

[monitor]
store-enabled = false

[http]
bind-address = "${http}"
log-enabled = false
`
}
