// Everything the hub knows of one device while it runs: how it begins, what a batch changes, how it is shown and kept.

import type {
  Device,
  Latest,
  MetricType,
  Presence,
  PresenceStatus,
  Profile,
  Transport,
  Value,
} from '../protocol/index.ts'
import type { Rhythm } from './cadence.ts'
import type { Batch, DeviceRecord } from './ports.ts'

export interface DeviceState {
  readonly id: string
  readonly createdAt: number
  version: number
  name?: string | undefined
  tags?: readonly string[] | undefined
  notes?: string | undefined
  profile?: Profile | undefined
  readonly types: Map<string, MetricType>
  readonly latest: Map<string, Latest>
  lastSeenAt?: number | undefined
  rhythm?: Rhythm | undefined
  via?: Transport | undefined
  /** Its link ended after its last reading. */
  linkLost: boolean
  status: PresenceStatus
  statusSince: number
  unsaved: boolean
}

export function blank(id: string, now: number): DeviceState {
  return {
    id,
    createdAt: now,
    version: 1,
    types: new Map(),
    latest: new Map(),
    linkLost: false,
    status: 'offline',
    statusSince: now,
    unsaved: false,
  }
}

export function stateOf(record: DeviceRecord, now: number): DeviceState {
  const { types, latest, everyMs, removedAt: _, ...rest } = record
  return {
    ...blank(record.id, now),
    ...rest,
    types: new Map(Object.entries(types)),
    latest: new Map(Object.entries(latest)),
    rhythm: everyMs === undefined ? undefined : { everyMs, run: 0 },
  }
}

export function recordOf(state: DeviceState, removedAt: number | undefined): DeviceRecord {
  const { id, createdAt, version, name, tags, notes, profile, lastSeenAt, rhythm } = state
  return {
    id,
    createdAt,
    version,
    name,
    tags,
    notes,
    profile,
    types: Object.fromEntries(state.types),
    latest: Object.fromEntries(state.latest),
    lastSeenAt,
    everyMs: rhythm?.everyMs,
    removedAt,
  }
}

/** As consoles see it: people's words win over the profile's. */
export function shown(state: DeviceState, linked: boolean): Device {
  const { id, name, notes, profile, createdAt, version } = state
  const presence: Presence = { status: state.status, linked, since: state.statusSince }
  if (state.via) presence.via = state.via
  if (state.lastSeenAt !== undefined) presence.lastSeenAt = state.lastSeenAt
  if (state.rhythm) presence.everyMs = Math.round(state.rhythm.everyMs)
  return {
    id,
    name: name ?? profile?.name,
    tags: [...tagsOf(state)],
    notes,
    profile,
    presence,
    latest: Object.fromEntries(state.latest),
    createdAt,
    version,
  }
}

export function tagsOf({ tags, profile }: DeviceState): readonly string[] {
  return tags ?? profile?.tags ?? []
}

/** The rhythm the device promises, until one is learned. */
export function rhythmOf({ rhythm, profile }: DeviceState): Rhythm | undefined {
  return rhythm ?? (profile?.reportEveryMs === undefined ? undefined : { everyMs: profile.reportEveryMs, run: 0 })
}

/** Newest values, and types: the first value of a metric fixes its own. */
export function takeBatch(state: DeviceState, batch: Batch) {
  for (let m = 0; m < batch.metrics.length; m++) {
    const newest = newestOf(batch, m)
    if (!newest) continue
    const metric = batch.metrics[m] as string
    if (!state.types.has(metric)) state.types.set(metric, typeof newest.value as MetricType)
    const known = state.latest.get(metric)
    if (!known || newest.at >= known.at) state.latest.set(metric, newest)
  }
}

function newestOf(batch: Batch, m: number): Latest | undefined {
  let found = -1
  const column = batch.columns[m] as readonly (Value | null)[]
  for (let i = 0; i < column.length; i++) {
    if (column[i] === null) continue
    if (found < 0 || (batch.at[i] as number) >= (batch.at[found] as number)) found = i
  }
  return found < 0 ? undefined : { at: batch.at[found] as number, value: column[found] as Value }
}
