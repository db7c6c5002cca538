// Shows that docker-compose.yml is whole, holds no secret, and sends the headers that `npm start` sends.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { securityHeaders } from './serve-console.mjs'
import { root } from './setup/run.mjs'

const read = (path: string) => readFileSync(join(root, path), 'utf8')
const run = (command: readonly string[], args: readonly string[]) =>
  spawnSync(command[0] ?? '', [...command.slice(1), ...args], { cwd: root, encoding: 'utf8' })

/** What checks a compose file here, or undefined; no Docker engine is needed for that. */
const compose = [['docker', 'compose'], ['docker-compose']].find((command) => run(command, ['version']).status === 0)

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'telehub-env-'))
})

afterAll(() => rmSync(folder, { recursive: true }))

const makeEnv = () => run([process.execPath], ['infra/make-env.mjs', folder])

describe('docker-compose.yml', () => {
  it('takes every secret from .env', () => {
    const { services } = parse(read('docker-compose.yml'), { merge: true })
    const secrets = Object.values<{ environment?: Record<string, string> }>(services)
      .flatMap(({ environment }) => Object.entries(environment ?? {}))
      .filter(([name]) => /PASSWORD|TOKEN|MQTT_URL/.test(name))
    expect(secrets.length).toBeGreaterThan(0)
    for (const [, value] of secrets) expect(value).toMatch(/\$\{[A-Z_]+:\?run node infra\/make-env\.mjs\}/)
  })

  it('opens no port to other machines unless told to', () => {
    const { services } = parse(read('docker-compose.yml'), { merge: true })
    const ports = Object.values<{ ports?: string[] }>(services).flatMap((service) => service.ports ?? [])
    expect(ports.length).toBeGreaterThan(0)
    for (const port of ports) expect(port).toMatch(/^\$\{TELEHUB_PUBLISH:-127\.0\.0\.1\}:/)
  })

  it.skipIf(compose === undefined)('is accepted by compose, with the .env that the script makes', () => {
    makeEnv()
    const args = ['--env-file', join(folder, '.env'), '-f', 'docker-compose.yml', '--profile', 'sim', 'config']
    const { status, stdout, stderr } = run(compose ?? [], args)
    expect(stderr).not.toMatch(/error|missing/i)
    expect(status).toBe(0)
    expect(Object.keys(parse(stdout).services).sort()).toEqual([
      'console',
      'devices-sim',
      'hub',
      'influxdb',
      'mosquitto',
    ])
  })

  it.skipIf(compose === undefined)('names the script when there is no .env', () => {
    const empty = join(folder, 'empty.env')
    writeFileSync(empty, '')
    const { status, stderr } = run(compose ?? [], ['--env-file', empty, '-f', 'docker-compose.yml', 'config'])
    expect(status).not.toBe(0)
    expect(stderr).toContain('run node infra/make-env.mjs')
  })
})

describe('.env', () => {
  it('is readable by its owner alone and never overwritten', () => {
    makeEnv()
    const file = join(folder, '.env')
    expect(statSync(file).mode & 0o077).toBe(0)
    const before = readFileSync(file, 'utf8')
    const again = makeEnv()
    expect(again.status).toBe(1)
    expect(again.stderr).toContain('stays as it is')
    expect(readFileSync(file, 'utf8')).toBe(before)
  })
})

describe('the images', () => {
  const dockerfiles = readdirSync(join(root, 'infra/docker')).filter((name) => name.endsWith('.Dockerfile'))

  it.each(dockerfiles)('of %s does not run as root', (name) => {
    const lastStage = read(`infra/docker/${name}`)
      .split(/^FROM /m)
      .at(-1)
    expect(lastStage).toMatch(/^USER node$|^nginxinc\/nginx-unprivileged/m)
  })

  it('of the console sends the headers of `npm start`', () => {
    const sent = [...read('infra/docker/console.nginx.conf').matchAll(/add_header (\S+) "(.*)" always;/g)]
    expect(Object.fromEntries(sent.map(([, name, value]) => [name, value]))).toEqual(securityHeaders)
  })
})
