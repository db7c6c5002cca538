// Shows what a browser gets from the console's web server, and what nobody gets.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { securityHeaders, serveConsole } from './serve-console.mjs'

let parent: string
let server: Awaited<ReturnType<typeof serveConsole>>

beforeAll(async () => {
  parent = mkdtempSync(join(tmpdir(), 'telehub-serve-'))
  const folder = join(parent, 'dist')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(parent, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'index.html'), '<title>Telehub</title>')
  writeFileSync(join(folder, 'assets', 'app-1a2b.js'), 'export {}')
  server = await serveConsole({ folder, port: 0 })
})

afterAll(async () => {
  await server.stop()
  rmSync(parent, { recursive: true })
})

describe('the web server of the console', () => {
  it.each(['/', '/connect', '/devices/pump.1', '/?a=/../b'])('answers %s with the page', async (path) => {
    const answer = await fetch(server.url + path)
    expect(await answer.text()).toContain('Telehub')
    expect(answer.headers.get('cache-control')).toBe('no-cache')
  })

  it('lets browsers keep hashed assets for a year', async () => {
    const answer = await fetch(`${server.url}/assets/app-1a2b.js`)
    expect(answer.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(answer.headers.get('cache-control')).toContain('immutable')
  })

  it('does not answer for a missing asset with the page', async () => {
    expect((await fetch(`${server.url}/assets/gone.js`)).status).toBe(404)
  })

  it('sends the security headers with every answer', async () => {
    for (const path of ['/', '/assets/gone.js', '/%']) {
      const { headers } = await fetch(server.url + path)
      for (const [name, value] of Object.entries(securityHeaders)) expect(headers.get(name)).toBe(value)
    }
  })

  it('allows no script but its own', () => {
    const policy = securityHeaders['Content-Security-Policy']
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("script-src 'self';")
    expect(policy).toContain("require-trusted-types-for 'script'")
    expect(policy).not.toContain('unsafe')
  })

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%5csecret.txt',
    '/%00',
    '/%',
    '*',
  ])('gives nothing for %s', async (path) => {
    expect(await rawGet(path)).toMatchObject({ status: 400, body: expect.not.stringContaining('secret') })
  })

  it('refuses to be written to', async () => {
    const answer = await fetch(server.url, { method: 'POST', body: 'x' })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('GET, HEAD')
  })

  it('is there on both loopback addresses', async () => {
    const { port } = new URL(server.url)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200)
    const ipv6 = await fetch(`http://[::1]:${port}/`).catch(() => undefined)
    expect(ipv6?.status ?? 200).toBe(200)
  })
})

/** `fetch` would tidy the path before sending it. */
async function rawGet(path: string): Promise<{ status: number | undefined; body: string }> {
  const { port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path }, (answer) => {
      let body = ''
      answer.on('data', (chunk) => (body += chunk))
      answer.on('end', () => resolve({ status: answer.statusCode, body }))
    })
    sent.on('error', reject)
    sent.end()
  })
}
