// The four checks of the connect page: their names, their order, and a report of them to copy.

import type { HubChecks } from '@telehub/hub/client'

export type CheckName = keyof HubChecks

export const checkNames = {
  reachable: 'Hub reachable',
  origin: 'This site is allowed',
  signedIn: 'Signed in',
  socket: 'Live connection',
} as const satisfies Record<CheckName, string>

export const checkOrder = Object.keys(checkNames) as CheckName[]

export function checksPassed(checks: Partial<HubChecks>): boolean {
  return checkOrder.every((name) => checks[name]?.state === 'ok')
}

/** While checks run, the first that is not decided is under way; after a failure none is. */
export function checkUnderWay(checks: Partial<HubChecks>): CheckName | undefined {
  const next = checkOrder.find((name) => checks[name]?.state !== 'ok')
  return next && checks[next]?.state !== 'failed' ? next : undefined
}

/** What is shown beside a check that passed. */
export function checkFigure(name: CheckName, checks: Partial<HubChecks>): string | undefined {
  if (checks[name]?.state !== 'ok') return undefined
  if (name === 'reachable')
    return checks.reachable?.ms === undefined ? undefined : `${Math.max(1, Math.round(checks.reachable.ms))} ms`
  if (name === 'origin') return checks.origin?.origin
  return name === 'socket' ? checks.socket?.protocol : undefined
}

/** Lines to paste into a report. No key is in them. */
export function checksReport(url: string, page: string, checks: Partial<HubChecks>): string {
  const lines = checkOrder.map((name) => {
    const { state = 'not tried', detail = '' } = checks[name] ?? {}
    return `${state.padEnd(10)} ${checkNames[name]}: ${detail}`
  })
  return [`Telehub connection checks`, `hub  ${url}`, `page ${page}`, ...lines].join('\n')
}

/** The two ways to allow an origin; each works on its own. */
export function originFixes(origin: string): { command: string; variable: string } {
  return { command: `telehub origins add ${origin}`, variable: `TELEHUB_ORIGINS=${origin}` }
}
