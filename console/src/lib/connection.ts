// How the state of the connection to the hub is said: in the pill, in the banner, and in a report to copy.

import type { ConnectionState } from '@telehub/hub/client'
import { formatDuration } from './format.ts'
import type { Tone } from './presence.ts'

export interface ConnectionLook {
  word: string
  /** Left out where there is little room. */
  more?: string | undefined
  tone: Tone
  /** Something is under way: shown by a spinner instead of a dot. */
  busy: boolean
}

export interface Banner {
  tone: Tone
  /** Said once: it does not change while the state lasts. */
  text: string
  detail?: string | undefined
  /** Changes each second, so it is shown and not announced. */
  countdown?: string | undefined
  action: 'retry' | 'sign-in' | 'checks' | 'reload' | undefined
}

/** `now` is this computer's clock, ms: retries are planned by it. */
export function connectionLook(state: ConnectionState, now: number): ConnectionLook {
  switch (state.kind) {
    case 'connecting':
      return { word: 'Connecting', tone: 'muted', busy: true }
    case 'live':
      return { word: 'Live', tone: 'ok', busy: false }
    case 'reconnecting':
      return { word: 'Reconnecting', more: inSeconds(state.retryAt, now), tone: 'warn', busy: true }
    case 'offline':
      return { word: 'You are offline', tone: 'muted', busy: false }
    case 'unauthorised':
      return { word: 'Session ended', tone: 'bad', busy: false }
    case 'origin-refused':
      return { word: 'Not allowed', tone: 'bad', busy: false }
    case 'version-mismatch':
      return { word: 'Version differs', tone: 'bad', busy: false }
    case 'closed':
      return { word: 'Closed', tone: 'muted', busy: false }
  }
}

/** How the connection has been so far, for `bannerOf`. */
export interface Wait {
  /** In this state for so long, ms. */
  lastsMs: number
  /** The hub has been reached before. */
  wasLive: boolean
}

/** A first attempt may take this long in silence. */
const patienceMs = 10_000

/** Undefined while nothing needs saying. */
export function bannerOf(state: ConnectionState, now: number, { lastsMs, wasLive }: Wait): Banner | undefined {
  switch (state.kind) {
    case 'connecting':
      if (lastsMs < patienceMs) return undefined
      return { tone: 'warn', text: 'The hub has not answered yet.', action: 'checks' }
    case 'reconnecting':
      return {
        tone: 'warn',
        text: wasLive ? 'The connection to the hub is lost.' : 'The hub cannot be reached.',
        detail: wasLive ? 'What is on screen is as old as it says; what is missed is filled in afterwards.' : undefined,
        countdown: `Try ${state.attempt + 1} ${inSeconds(state.retryAt, now) ?? 'now'}.`,
        action: wasLive ? 'retry' : 'checks',
      }
    case 'offline':
      return {
        tone: 'warn',
        text: 'This computer is offline.',
        detail: 'The console reconnects by itself.',
        action: 'retry',
      }
    case 'unauthorised':
      return { tone: 'bad', text: 'Your session has ended.', detail: state.detail, action: 'sign-in' }
    case 'origin-refused':
      return { tone: 'bad', text: 'The hub does not allow this site.', detail: state.detail, action: 'checks' }
    case 'version-mismatch':
      return {
        tone: 'bad',
        text: 'This console and the hub speak different versions.',
        detail: state.detail,
        action: 'reload',
      }
    case 'live':
    case 'closed':
      return undefined
  }
}

export interface Diagnostics {
  url: string
  state: ConnectionState
  protocol: string
  role: string | undefined
  roundTripMs: number | undefined
  clockOffsetMs: number
  messagesPerSecond: number
  page: string
  agent: string
  at: number
}

/** Lines to paste into a report. No key is in them. */
export function diagnosticsText(d: Diagnostics): string {
  return [
    `Telehub console, ${new Date(d.at).toISOString()}`,
    `hub            ${d.url}`,
    `page           ${d.page}`,
    `state          ${JSON.stringify(d.state)}`,
    `protocol       ${d.protocol}`,
    `role           ${d.role ?? '–'}`,
    `round trip     ${d.roundTripMs === undefined ? '–' : formatDuration(d.roundTripMs)}`,
    `clock offset   ${Math.round(d.clockOffsetMs)} ms`,
    `messages       ${d.messagesPerSecond}/s`,
    `browser        ${d.agent}`,
  ].join('\n')
}

function inSeconds(at: number, now: number): string | undefined {
  const seconds = Math.ceil((at - now) / 1_000)
  return seconds > 0 ? `in ${seconds} s` : undefined
}
