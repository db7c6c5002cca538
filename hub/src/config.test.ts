import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'

describe('readConfig', () => {
  it('needs nothing', () => {
    expect(readConfig({})).toMatchObject({ host: '127.0.0.1', port: 8080, mqttPort: 1883, influx: undefined })
  })

  it('reports every problem at once', () => {
    expect(() => readConfig({ TELEHUB_PORT: '99999', TELEHUB_MQTT_URL: 'broker', TELEHUB_ORGINS: 'x' })).toThrow(
      /TELEHUB_ORGINS is not known; did you mean TELEHUB_ORIGINS[\s\S]*TELEHUB_PORT[\s\S]*TELEHUB_MQTT_URL/,
    )
  })

  it('leaves the variables of others alone', () => {
    expect(() => readConfig({ PATH: '/bin', PORT: 'x' })).not.toThrow()
  })

  it('reads a secret from a file', () => {
    const dir = mkdtempSync(join(tmpdir(), 'telehub-'))
    writeFileSync(join(dir, 'token'), 'secret\n')
    const config = readConfig({
      TELEHUB_INFLUX_URL: 'http://127.0.0.1:8086',
      TELEHUB_INFLUX_TOKEN_FILE: join(dir, 'token'),
    })
    rmSync(dir, { recursive: true })
    expect(config.influx?.token).toBe('secret')
  })

  it('knows which settings need each other', () => {
    expect(() => readConfig({ TELEHUB_STORE: 'influx' })).toThrow(/needs TELEHUB_INFLUX_URL/)
  })
})
