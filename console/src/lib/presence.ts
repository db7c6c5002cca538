// How the presence of a device is said: a word, a shape and a tone, so that colour is never alone.

import type { Device, PresenceStatus } from '@telehub/hub/protocol'

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'muted'
export type Shape = 'full' | 'half' | 'ring' | 'cross' | 'dots'

export interface Look {
  word: string
  shape: Shape
  tone: Tone
  meaning: string
}

const looks: Record<PresenceStatus | 'never', Look> = {
  live: { word: 'live', shape: 'full', tone: 'ok', meaning: 'reports in its usual rhythm' },
  late: { word: 'late', shape: 'half', tone: 'warn', meaning: 'has missed a beat of its rhythm' },
  silent: { word: 'silent', shape: 'ring', tone: 'bad', meaning: 'has missed many beats of its rhythm' },
  offline: { word: 'offline', shape: 'cross', tone: 'muted', meaning: 'has no link to the hub and is silent' },
  never: { word: 'no data yet', shape: 'dots', tone: 'muted', meaning: 'has not sent a reading yet' },
}

/** This console has no connection: what it last heard may no longer be so. */
export function unknownLook(last: Look): Look {
  return {
    word: 'unknown',
    shape: 'dots',
    tone: 'muted',
    meaning: `not known without a connection to the hub; last known: ${last.word}`,
  }
}

export const statuses = ['live', 'late', 'silent', 'offline'] as const satisfies readonly PresenceStatus[]

export function lookOf(device: Pick<Device, 'presence'>): Look {
  const { status, lastSeenAt, linked } = device.presence
  if (lastSeenAt === undefined && linked) return looks.never
  return looks[status]
}

export function titleOf(device: Device): string {
  return device.name ?? device.profile?.name ?? device.id
}

/** The metric that stands for the device: the one its profile calls primary, else its first number, else its first. */
export function primaryMetric(device: Device): string | undefined {
  const metrics = Object.entries(device.profile?.metrics ?? {})
  const primary =
    metrics.find(([, metric]) => metric.primary) ?? metrics.find(([, metric]) => metric.type === 'number') ?? metrics[0]
  if (primary) return primary[0]
  const names = Object.keys(device.latest)
  return names.find((name) => typeof device.latest[name]?.value === 'number') ?? names[0]
}

/** Metrics in the order people should meet them: the primary one first, then as the profile lists them, then what it does not list. */
export function metricsOf(device: Device): string[] {
  const primary = primaryMetric(device)
  const names = new Set([
    ...(primary ? [primary] : []),
    ...Object.keys(device.profile?.metrics ?? {}),
    ...Object.keys(device.latest),
  ])
  return [...names]
}

export interface ChartPlace {
  metric: string
  kind: 'number' | 'state'
  /** Takes the whole width: nothing would stand beside it. */
  wide: boolean
}

/** Which charts a device gets, in order: numbers first, two abreast below the first, then states. */
export function chartsOf(device: Device, latest: Device['latest'] = device.latest): ChartPlace[] {
  const kinds = metricsOf({ ...device, latest }).map((metric) => {
    const type = device.profile?.metrics?.[metric]?.type ?? typeof latest[metric]?.value
    return { metric, kind: type === 'number' ? ('number' as const) : ('state' as const) }
  })
  const numbers = kinds.filter(({ kind }) => kind === 'number')
  const states = kinds.filter(({ kind }) => kind === 'state')
  const alone = numbers.length % 2 === 0 ? numbers.at(-1) : undefined
  return [...numbers, ...states].map((chart) => ({ ...chart, wide: chart === alone }))
}
