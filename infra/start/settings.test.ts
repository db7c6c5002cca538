// Shows how `npm start` reads its flags and environment, and how it answers a mistake.

import { describe, expect, it } from 'vitest'
import { readSettings } from './settings.mjs'

const read = (args: string[], env: Record<string, string> = {}) => readSettings(args, env, { root: '/repo/' })

describe('without flags', () => {
  it('simulates five devices beside this computer, on the ports of the README', () => {
    expect(read([])).toMatchObject({
      sim: true,
      devices: 5,
      host: '127.0.0.1',
      hubPort: 8080,
      consolePort: 5173,
      mqttPort: 1883,
      dataDir: '/repo/data',
      origins: 'http://localhost:5173',
    })
  })

  it('follows the environment', () => {
    const env = {
      TELEHUB_PORT: '8081',
      TELEHUB_DATA_DIR: '/var/telehub',
      TELEHUB_ORIGINS: 'https://a.test https://b.test',
    }
    expect(read([], env)).toMatchObject({
      hubPort: 8081,
      dataDir: '/var/telehub',
      origins: 'https://a.test,https://b.test,http://localhost:5173',
    })
  })

  it('leaves an origin with its grant as it is', () => {
    expect(read([], { TELEHUB_ORIGINS: 'http://localhost:5173=viewer' }).origins).toBe('http://localhost:5173=viewer')
  })

  it('wants no port for MQTT when it is off or elsewhere', () => {
    expect(read([], { TELEHUB_MQTT_PORT: '0' }).mqttPort).toBeUndefined()
    expect(read([], { TELEHUB_MQTT_URL: 'mqtt://broker' }).mqttPort).toBeUndefined()
  })
})

describe('flags', () => {
  it('go before the environment', () => {
    expect(read(['--port', '9000'], { TELEHUB_PORT: '8081' }).hubPort).toBe(9000)
  })

  it('turn the fleet off or make it larger', () => {
    expect(read(['--no-sim']).sim).toBe(false)
    expect(read(['--devices=50']).devices).toBe(50)
  })

  it('name a folder from where the command was typed', () => {
    expect(read(['--data-dir', 'd'], { INIT_CWD: '/home/ada' }).dataDir).toBe('/home/ada/d')
  })

  it('name the console in the allowed origins', () => {
    expect(read(['--console-port', '6000']).origins).toBe('http://localhost:6000')
  })
})

describe('a mistake', () => {
  it.each([
    [['--device', '5'], 'There is no flag --device. Did you mean --devices?'],
    [['--no-simulation'], 'There is no flag --no-simulation. Did you mean --no-sim?'],
    [['--port', 'http'], '--port must be a whole number from 1 to 65535, not "http".'],
    [['--devices=-1'], '--devices must be a whole number from 0 to 10000, not "-1".'],
  ])('%j is answered in words', (args, sentence) => {
    expect(() => read(args)).toThrow(sentence)
  })

  it('in a variable is answered with its name', () => {
    expect(() => read([], { TELEHUB_PORT: '70000' })).toThrow('TELEHUB_PORT must be')
  })
})
