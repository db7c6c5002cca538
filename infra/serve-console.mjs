// Serves the built console on an origin of its own, with the headers that every deployment of it should send.

import { once } from 'node:events'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'
import { pipeline } from 'node:stream'

/** @type {Record<string, string>} */
const mimeTypes = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
}

/** Sent with every answer. The policy is the one file that the web server of compose is checked against as well. */
export const securityHeaders = {
  'Content-Security-Policy': readFileSync(new URL('../console/csp.txt', import.meta.url), 'utf8').trim(),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}

/**
 * Serves `folder` on every loopback address that `localhost` means, so that the page is found whichever one a browser
 * tries first. Rejects when the port is taken.
 *
 * @param {{ folder: string, port: number }} options
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function serveConsole({ folder, port }) {
  const ipv4 = await listen(folder, port, '127.0.0.1')
  const boundPort = /** @type {import('node:net').AddressInfo} */ (ipv4.address()).port
  const servers = [ipv4]
  try {
    servers.push(await listen(folder, boundPort, '::1'))
  } catch (error) {
    if (!isWithoutIpv6(error)) {
      ipv4.close()
      throw error
    }
  }
  return {
    url: `http://localhost:${boundPort}`,
    async stop() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }
}

/**
 * @param {string} folder
 * @param {number} port
 * @param {string} host
 */
async function listen(folder, port, host) {
  const server = createServer((request, response) => answer(folder, request, response))
  server.listen(port, host)
  await once(server, 'listening')
  return server
}

/** @param {unknown} error */
function isWithoutIpv6(error) {
  return error instanceof Error && 'code' in error && ['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(String(error.code))
}

/**
 * @param {string} folder
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
function answer(folder, request, response) {
  for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD')
    return refuse(response, 405, 'Only GET and HEAD are answered here.')
  }
  const path = pathOf(request.url ?? '/')
  if (path === undefined) return refuse(response, 400, 'This is not a path.')

  // The console's router makes the page of an address; only assets are nothing but files.
  const isAsset = path.startsWith('/assets/')
  const file = [join(folder, path), ...(isAsset ? [] : [join(folder, 'index.html')])].find(isFile)
  if (file === undefined) return refuse(response, 404, 'There is no such file.')

  response.writeHead(200, {
    'Content-Type': mimeTypes[extname(file)] ?? 'application/octet-stream',
    'Content-Length': statSync(file).size,
    // Names under assets/ hold a hash of their content; all others must be asked for again.
    'Cache-Control': isAsset ? 'public, max-age=31536000, immutable' : 'no-cache',
  })
  if (request.method === 'HEAD') return response.end()
  // A file that vanishes or a browser that leaves ends the answer, never the server.
  pipeline(createReadStream(file), response, () => {})
}

/**
 * The decoded path without its query; undefined where it is malformed or could leave the folder.
 *
 * @param {string} target
 */
function pathOf(target) {
  try {
    const path = decodeURIComponent(target.replace(/[?#].*$/s, ''))
    const leaves = /[\0\\]/.test(path) || path.split('/').includes('..')
    return path.startsWith('/') && !leaves ? path : undefined
  } catch {
    return undefined
  }
}

/** @param {string} file */
function isFile(file) {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {number} status
 * @param {string} sentence
 */
function refuse(response, status, sentence) {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`${sentence}\n`)
}
