// Makes the .env of docker-compose.yml: secrets nobody else has, readable by their owner alone, never overwritten.

import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const names = ['INFLUX_PASSWORD', 'INFLUX_TOKEN', 'MQTT_PASSWORD']
const secretBytes = 32

const file = join(process.argv[2] ?? '.', '.env')
const lines = names.map((name) => `${name}=${randomBytes(secretBytes).toString('base64url')}`)

try {
  writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600, flag: 'wx' })
  console.log(`${file} holds new secrets. Next: docker compose up --build`)
} catch (error) {
  const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST'
  console.error(exists ? `${file} is there already and stays as it is.` : String(error))
  process.exitCode = 1
}
