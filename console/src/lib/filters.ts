// Which devices a list shows: the filters in the URL, and what they let through.

import type { Device } from '@telehub/hub/protocol'
import { statuses, titleOf } from './presence.ts'

export interface Filters {
  q: string
  status: string
  type: string
}

/** From the URL's query; a name given twice counts once, an unknown status not at all. */
export function readFilters(query: Record<string, unknown>): Filters {
  const one = (name: string) => {
    const value = Array.isArray(query[name]) ? query[name][0] : query[name]
    return typeof value === 'string' ? value : ''
  }
  const status = one('status')
  return { q: one('q'), status: statuses.some((known) => known === status) ? status : '', type: one('type') }
}

export function isFiltering({ q, status, type }: Filters): boolean {
  return q.trim() !== '' || status !== '' || type !== ''
}

/** Every word of `q` must be in the id, name, type or a tag. */
export function matches(device: Device, { q, status, type }: Filters): boolean {
  if (status && device.presence.status !== status) return false
  if (type && device.profile?.type !== type) return false
  const text = [device.id, titleOf(device), device.profile?.type ?? '', ...device.tags].join('\n').toLowerCase()
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' })

/** By name, `pump-2` before `pump-10`. A stable order: rows do not move under the pointer as values change. */
export function sorted(devices: readonly Device[]): Device[] {
  return [...devices].sort((a, b) => byName.compare(titleOf(a), titleOf(b)) || byName.compare(a.id, b.id))
}

export function typesOf(devices: readonly Device[]): string[] {
  return [...new Set(devices.flatMap(({ profile }) => profile?.type ?? []))].sort(byName.compare)
}
