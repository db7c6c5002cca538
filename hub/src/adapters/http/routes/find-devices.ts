// Filters, sorts and pages the devices of a list: by what stands in them, stable while others come and go.

import { HubError } from '../../../core/errors.ts'
import type { Device, PresenceStatus } from '../../../protocol/index.ts'

export const deviceSorts = ['name', '-name', 'id', '-id', 'lastSeen', '-lastSeen', 'status', '-status'] as const

export interface DeviceQuestion {
  readonly q?: string | undefined
  readonly status?: PresenceStatus | undefined
  readonly type?: string | undefined
  readonly tag?: string | undefined
  readonly sort: (typeof deviceSorts)[number]
  readonly limit: number
  readonly cursor?: string | undefined
}

type Key = string | number
type Place = readonly [key: Key, id: string]

/** `next` is the cursor of the page after this one, undefined on the last. HubError `bad-request` for a cursor of another list. */
export function findDevices(
  all: readonly Device[],
  question: DeviceQuestion,
): { found: Device[]; total: number; next?: string } {
  const keyOf = sortKeys[question.sort.replace('-', '') as keyof typeof sortKeys]
  const direction = question.sort.startsWith('-') ? -1 : 1
  const place = (device: Device): Place => [keyOf(device), device.id]
  const inOrder = (a: Place, b: Place) => direction * compare(a[0], b[0]) || direction * compare(a[1], b[1])

  const matching = all.filter((device) => matches(device, question))
  const sorted = matching.map((device) => ({ device, at: place(device) })).sort((a, b) => inOrder(a.at, b.at))
  const after = question.cursor === undefined ? undefined : readCursor(question.cursor)
  const rest = after ? sorted.filter(({ at }) => inOrder(at, after) > 0) : sorted
  const shown = rest.slice(0, question.limit)
  const last = shown.at(-1)
  const more = rest.length > shown.length && last
  return {
    found: shown.map(({ device }) => device),
    total: matching.length,
    ...(more && { next: writeCursor(last.at) }),
  }
}

const statusOrder: Record<PresenceStatus, number> = { live: 0, late: 1, silent: 2, offline: 3 }
const sortKeys = {
  name: (device: Device): Key => (device.name ?? device.id).toLowerCase(),
  id: (device: Device): Key => device.id,
  lastSeen: (device: Device): Key => device.presence.lastSeenAt ?? 0,
  status: (device: Device): Key => statusOrder[device.presence.status],
}

function matches(device: Device, { q, status, type, tag }: DeviceQuestion): boolean {
  if (status !== undefined && device.presence.status !== status) return false
  if (type !== undefined && device.profile?.type !== type) return false
  if (tag !== undefined && !device.tags.includes(tag)) return false
  if (q === undefined) return true
  const wanted = q.toLowerCase()
  const texts = [device.id, device.name ?? '', device.profile?.type ?? '', ...device.tags]
  return texts.some((text) => text.toLowerCase().includes(wanted))
}

function compare(a: Key, b: Key): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

function readCursor(cursor: string): Place {
  try {
    const [key, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if ((typeof key === 'string' || typeof key === 'number') && typeof id === 'string') return [key, id]
  } catch {
    // Said below, in the same words as for a cursor with something else in it.
  }
  throw new HubError('bad-request', 'This cursor is not from this list.')
}
