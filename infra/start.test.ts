// The story of `npm start`: from the command to live devices in one go, and nothing left after Ctrl-C.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { freePort } from './services/free-port.ts'
import { root } from './setup/run.mjs'

let folder: string
let ports: { hub: number; console: number; mqtt: number }

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'telehub-start-'))
  ports = { hub: await freePort(), console: await freePort(), mqtt: await freePort() }
})

afterEach(() => rmSync(folder, { recursive: true }))

function start(flags: string[], env: Record<string, string> = {}) {
  const args = ['infra/start.mjs', '--port', String(ports.hub), '--console-port', String(ports.console), ...flags]
  const child = spawn(process.execPath, [...args, '--data-dir', join(folder, 'data')], {
    cwd: root,
    env: { ...process.env, TELEHUB_MQTT_PORT: String(ports.mqtt), ...env },
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.err += chunk
  })
  return { child, said, ended: once(child, 'close') as Promise<[number | null]> }
}

/** Every process has this test's own folder among its arguments or in its environment, which `e` shows. */
function processesLeft(): string[] {
  const { stdout } = spawnSync('ps', ['axeww'], { encoding: 'utf8' })
  return stdout.split('\n').filter((line) => line.includes(folder))
}

it('shows live devices behind its link, and leaves nothing after Ctrl-C', { timeout: 90_000 }, async () => {
  const { child, said, ended } = start([])
  try {
    await vi.waitFor(() => expect(said.out + said.err).toContain('Ctrl-C stops everything'), 60_000)
    expect(said.out).toContain('6 live')

    const link = new URL(/http:\S+#\S+/.exec(said.out)?.[0] ?? '')
    expect(link.origin).toBe(`http://localhost:${ports.console}`)
    const page = await fetch(link)
    expect(await page.text()).toContain('<div id="app">')

    const { hub, key } = Object.fromEntries(new URLSearchParams(link.hash.slice(1)))
    const headers = { Authorization: `Bearer ${key}`, Origin: link.origin }
    const answer = await fetch(`${hub}/api/v1/devices`, { headers })
    const { devices } = (await answer.json()) as { devices: { id: string; latest: Record<string, unknown> }[] }
    expect(answer.headers.get('access-control-allow-origin')).toBe(link.origin)
    expect(devices.map(({ id }) => id)).toContain('host')
    expect(devices).toHaveLength(6)
    for (const { latest } of devices) expect(Object.keys(latest)).not.toEqual([])

    expect(processesLeft()).not.toEqual([])
    expect(statSync(join(folder, 'data/keys/admin.key')).mode & 0o077).toBe(0)
  } finally {
    child.kill('SIGINT')
  }
  expect(await ended).toEqual([0, null])
  expect(processesLeft()).toEqual([])
  await expect(fetch(`http://127.0.0.1:${ports.hub}/healthz`)).rejects.toThrow()
  await expect(fetch(`http://localhost:${ports.console}/`)).rejects.toThrow()
})

it('ends at once when a port is taken, and says which, who wanted it and how to move it', async () => {
  const other = createServer().listen(ports.console, '127.0.0.1')
  await once(other, 'listening')
  const { said, ended } = start(['--no-sim'])
  expect(await ended).toEqual([1, null])
  expect(said.err).toBe(`Port ${ports.console} is taken; the console wanted it. Move it: --console-port\n`)
  other.close()
})

it('says what is wrong when the hub is not configured, and ends as the hub did', async () => {
  const { said, ended } = start(['--no-sim'], { TELEHUB_LOG_LEVEL: 'loud' })
  expect(await ended).toEqual([2, null])
  expect(said.err).toContain('The hub is not configured')
})
