// The facts about a device, as names and words.

import type { Device, MetricProfile } from '@telehub/hub/protocol'
import { formatAgo, formatDuration, formatInstant, formatNumber } from './format.ts'
import { lookOf } from './presence.ts'

export interface Fact {
  name: string
  value: string | undefined
  mono?: boolean
}

const transports = { ws: 'WebSocket', http: 'HTTP', mqtt: 'MQTT' } as const

export function aboutDevice(device: Device): Fact[] {
  const { profile } = device
  return [
    { name: 'Id', value: device.id, mono: true },
    { name: 'Name', value: device.name ?? profile?.name },
    { name: 'Type', value: profile?.type },
    { name: 'Firmware', value: profile?.firmware },
    { name: 'Simulated', value: profile?.simulated ? 'yes' : 'no' },
    { name: 'Tags', value: device.tags.join(', ') },
    { name: 'Notes', value: device.notes },
    { name: 'Known since', value: formatInstant(device.createdAt) },
  ]
}

export function aboutLink(device: Device, now: number): Fact[] {
  const { presence, profile } = device
  const look = lookOf(device)
  const every = presence.everyMs ?? profile?.reportEveryMs
  return [
    { name: 'Presence', value: `${look.word}: ${look.meaning}` },
    { name: 'Since', value: `${formatInstant(presence.since)} (${formatAgo(now - presence.since)})` },
    {
      name: 'Link',
      value: presence.linked ? 'open: commands go through now' : 'none: commands cannot be delivered now',
    },
    { name: 'By', value: presence.via && transports[presence.via] },
    { name: 'Last reading', value: presence.lastSeenAt === undefined ? 'never' : formatInstant(presence.lastSeenAt) },
    { name: 'Reports every', value: every === undefined ? 'not known yet' : formatDuration(every) },
  ]
}

/** Name, type, unit, range. */
export function metricRows(device: Device): string[][] {
  return Object.entries(device.profile?.metrics ?? {}).map(([name, metric]) => [
    name,
    metric.primary ? `${metric.type}, primary` : metric.type,
    metric.unit ?? '–',
    rangeOf(metric),
  ])
}

/** Name, parameters, how long it may take, what to mind. */
export function commandRows(device: Device): string[][] {
  return Object.entries(device.profile?.commands ?? {}).map(([name, { params, timeoutMs, dangerous }]) => [
    name,
    Object.keys(params?.properties ?? {})
      .map((param) => (params?.required?.includes(param) ? param : `${param}?`))
      .join(', ') || '–',
    timeoutMs === undefined ? '–' : formatDuration(timeoutMs),
    dangerous ? 'dangerous' : '',
  ])
}

/** Where readings go and commands come from, by each transport. */
export function addressesOf(id: string, hubUrl: string): { name: string; text: string }[] {
  return [
    { name: 'Readings over HTTP', text: `POST ${hubUrl}/api/v1/readings` },
    { name: 'History over HTTP', text: `GET ${hubUrl}/api/v1/devices/${id}/readings` },
    { name: 'Readings over MQTT', text: `telehub/v1/${id}/telemetry` },
    { name: 'Commands over MQTT', text: `telehub/v1/${id}/commands/+` },
    { name: 'Device socket', text: `${hubUrl.replace(/^http/, 'ws')}/ws/device` },
  ]
}

function rangeOf({ min, max }: MetricProfile): string {
  if (min === undefined && max === undefined) return '–'
  const said = (end: number | undefined) => (end === undefined ? '' : formatNumber(end))
  return `${said(min)} … ${said(max)}`.trim()
}
