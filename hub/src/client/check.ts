// The four questions of a connect page, each answered in words: reachable, allowed, socket, signed in.

import type { Device } from '../protocol/model.ts'
import { subprotocols } from '../protocol/subprotocols.ts'
import { createRequest, hubUrl } from './http.ts'
import { checkOrigin } from './origin-check.ts'
import { HubProblem } from './problem.ts'
import { type HubSocket, openSocket } from './socket.ts'

export interface Check {
  readonly state: 'ok' | 'failed' | 'skipped'
  readonly detail: string
}

export interface HubChecks {
  readonly reachable: Check & { readonly ms?: number }
  readonly origin: Check & { readonly origin?: string; readonly fix?: string }
  readonly signedIn: Check
  readonly socket: Check & { readonly protocol?: string }
}

const socketWithinMs = 5_000
const skipped: Check = { state: 'skipped', detail: 'Not tried yet.' }

/** Never throws; every failure is words. `onProgress` hears of each answer as it comes. */
export async function checkHub(
  to: string,
  { key, onProgress = () => {} }: { key?: string; onProgress?: (checks: Partial<HubChecks>) => void } = {},
): Promise<HubChecks> {
  let checks: HubChecks = { reachable: skipped, origin: skipped, signedIn: skipped, socket: skipped }
  const found = (more: Partial<HubChecks>) => {
    checks = { ...checks, ...more }
    onProgress(checks)
  }
  let url: string
  try {
    url = hubUrl(to)
  } catch {
    found({
      reachable: { state: 'failed', detail: 'A hub URL looks like http://127.0.0.1:8080 or https://hub.example.com.' },
    })
    return checks
  }
  const origin = await reach(url, found)
  if (!origin || key === undefined) return checks
  if (await signIn(url, key, found)) found({ socket: await trySocket(url, key) })
  return checks
}

async function reach(url: string, found: (more: Partial<HubChecks>) => void): Promise<boolean> {
  const startedAt = performance.now()
  try {
    const { origin, allowed, reason, fix } = await checkOrigin(url)
    const ms = Math.round(performance.now() - startedAt)
    found({ reachable: { state: 'ok', detail: `${ms} ms`, ms } })
    found({
      origin: {
        state: allowed ? 'ok' : 'failed',
        detail: reason,
        ...(origin !== null && { origin }),
        ...(fix && { fix }),
      },
    })
    return allowed
  } catch (error) {
    found({ reachable: { state: 'failed', detail: await whyUnreachable(url, error) } })
    return false
  }
}

/** A browser hides the reason of a failed request; what it does not hide narrows it down. */
async function whyUnreachable(url: string, error: unknown): Promise<string> {
  if (!(error instanceof HubProblem) || error.code !== 'unreachable') return String((error as Error).message)
  if (
    typeof location !== 'undefined' &&
    location.protocol === 'https:' &&
    url.startsWith('http:') &&
    !isLoopback(url)
  ) {
    return 'This page is https and the hub is http: browsers block that mix. Give the hub TLS, or open the console over http.'
  }
  const opaque = await fetch(url, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(3_000) }).catch(
    () => undefined,
  )
  if (opaque) return 'Something answers, but a proxy in between strips the headers that let this page read it.'
  if (await localNetworkDenied())
    return 'The browser asks for a permission to reach devices on the local network; allow it for this page, then check again.'
  return `Nothing answers at ${url}. Is the hub running, and the address right?`
}

async function localNetworkDenied(): Promise<boolean> {
  if (typeof navigator === 'undefined' || !navigator.permissions) return false
  for (const name of ['loopback-network', 'local-network', 'local-network-access']) {
    const state = await navigator.permissions.query({ name: name as PermissionName }).then(
      (status) => status.state,
      () => 'granted',
    )
    if (state === 'denied') return true
  }
  return false
}

function isLoopback(url: string): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(new URL(url).hostname)
}

async function signIn(url: string, key: string, found: (more: Partial<HubChecks>) => void): Promise<boolean> {
  try {
    await createRequest(url, key)<{ devices: Device[] }>('GET', '/devices?limit=1')
    found({ signedIn: { state: 'ok', detail: 'The key is accepted.' } })
    return true
  } catch (error) {
    found({ signedIn: { state: 'failed', detail: (error as Error).message } })
    return false
  }
}

async function trySocket(url: string, key: string): Promise<HubChecks['socket']> {
  const format = 'json'
  let socket: HubSocket | undefined
  let over = false
  try {
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error('The socket opened no session in time; a proxy may block WebSockets.')),
        socketWithinMs,
      )
      const done = (end: () => void) => {
        clearTimeout(late)
        end()
      }
      openSocket(
        { url, key, format, request: createRequest(url, key) },
        {
          onMessage: () => done(resolve),
          onClose: ({ reason }) =>
            done(() => reject(new Error(reason || 'The socket was refused; a proxy may block WebSockets.'))),
        },
      ).then(
        (opened) => {
          if (over) opened.close()
          socket = opened
        },
        (error) => done(() => reject(error)),
      )
    })
    return { state: 'ok', detail: subprotocols[format], protocol: subprotocols[format] }
  } catch (error) {
    return { state: 'failed', detail: (error as Error).message }
  } finally {
    over = true
    socket?.close()
  }
}
