// Who exists, who is linked, how fresh each one is.

import type {
  Device,
  DevicePatch,
  Latest,
  MetricType,
  Presence,
  PresenceStatus,
  Profile,
  Transport,
  Value,
} from '../protocol/index.ts'
import { learn, statusOf } from './cadence.ts'
import { HubError } from './errors.ts'
import type { Batch, Clock, DeviceLink, DeviceRecord, Log, Records, SeriesStore } from './ports.ts'

/** Everything the hub knows of a device while it runs. */
interface DeviceState {
  readonly id: string
  createdAt: number
  version: number
  name?: string | undefined
  tags?: readonly string[] | undefined
  notes?: string | undefined
  profile?: Profile | undefined
  readonly types: Map<string, MetricType>
  readonly latest: Map<string, Latest>
  lastSeenAt?: number | undefined
  everyMs?: number | undefined
  via?: Transport | undefined
  link?: DeviceLink | undefined
  linkLost: boolean
  status: PresenceStatus
  statusSince: number
  /** Not a device until it said hello or had a reading accepted. */
  registered: boolean
  unsaved: boolean
}

export type DeviceChange = 'changed' | 'removed'
export type Devices = ReturnType<typeof createDevices>

/** How often presence is judged, and what changed is saved. */
const judgeEveryMs = 1_000
const saveEveryMs = 5_000

export function createDevices({
  records,
  store,
  clock,
  log,
}: {
  records: Records['devices']
  store: Pick<SeriesStore, 'forget'>
  clock: Clock
  log: Log
}) {
  const states = new Map<string, DeviceState>()
  const changeListeners = new Set<(device: Device, change: DeviceChange) => void>()
  const linkListeners = new Set<(id: string, link: DeviceLink) => void>()

  function open(id: string): DeviceState {
    const known = states.get(id)
    if (known) return known
    const now = clock.now()
    return {
      id,
      createdAt: now,
      version: 1,
      types: new Map(),
      latest: new Map(),
      linkLost: false,
      status: 'offline',
      statusSince: now,
      registered: false,
      unsaved: false,
    }
  }

  function register(state: DeviceState) {
    if (state.registered) return
    state.registered = true
    states.set(state.id, state)
  }

  function registered(id: string): DeviceState {
    const state = states.get(id)
    if (!state) throw new HubError('not-found', `There is no device "${id}".`)
    return state
  }

  function tell(state: DeviceState, change: DeviceChange = 'changed') {
    const device = shown(state)
    for (const listener of changeListeners) listener(device, change)
  }

  /** Judges presence anew; tells when it became something else. */
  function judge(state: DeviceState, now: number, alwaysTell = false) {
    const { linkLost, lastSeenAt, everyMs = state.profile?.reportEveryMs } = state
    const status = statusOf({ linked: state.link !== undefined, linkLost, lastSeenAt, everyMs }, now)
    if (status !== state.status) {
      state.status = status
      state.statusSince = now
    } else if (!alwaysTell) return
    tell(state)
  }

  async function save() {
    const unsaved = [...states.values()].filter((state) => state.unsaved)
    if (unsaved.length === 0) return
    for (const state of unsaved) state.unsaved = false
    try {
      await records.save(unsaved.map(kept))
    } catch (error) {
      for (const state of unsaved) state.unsaved = true
      log.warn('devices not saved, trying again', { error, devices: unsaved.length })
    }
  }

  async function saveNow(state: DeviceState) {
    state.unsaved = false
    await records.save([kept(state)])
  }

  const stops = [
    clock.every(judgeEveryMs, () => {
      const now = clock.now()
      for (const state of states.values()) judge(state, now)
    }),
    clock.every(saveEveryMs, () => void save()),
  ]

  return {
    /** At start: what was kept. Types that only the store knows are added to it. */
    async load(known: readonly { device: string; metric: string; type: MetricType }[] = []) {
      for (const record of await records.all()) {
        const { types, latest, ...rest } = record
        const state = {
          ...open(record.id),
          ...rest,
          types: new Map(Object.entries(types)),
          latest: new Map(Object.entries(latest)),
        }
        register(state)
      }
      for (const { device, metric, type } of known) states.get(device)?.types.set(metric, type)
    },

    /** The device as it is, or a blank one that exists only once `seen` or `hello` was called. */
    open,

    get(id: string): Device | undefined {
      const state = states.get(id)
      return state && shown(state)
    },

    list: (): Device[] => [...states.values()].map(shown),

    tagsOf(id: string): readonly string[] {
      const state = states.get(id)
      return state?.tags ?? state?.profile?.tags ?? []
    },

    /** How many there are in each state of presence. */
    tally(): Record<PresenceStatus, number> {
      const tally = { live: 0, late: 0, silent: 0, offline: 0 }
      for (const { status } of states.values()) tally[status]++
      return tally
    },

    /** A device introduces itself, or says that it has changed. */
    async hello(id: string, profile?: Profile): Promise<Device> {
      const state = states.get(id) ?? open(id)
      const isNew = !state.registered
      register(state)
      const changed = profile !== undefined && JSON.stringify(profile) !== JSON.stringify(state.profile)
      if (changed) {
        state.profile = profile
        state.version++
      }
      if (isNew || changed) {
        await saveNow(state)
        tell(state)
      }
      return shown(state)
    },

    /** Readings that are in the journal now: newest values, rhythm, presence. */
    seen(batch: Batch, via: Transport) {
      const state = states.get(batch.device) ?? open(batch.device)
      const isNew = !state.registered
      register(state)
      learnTypes(state, batch)
      takeLatest(state, batch)
      if (state.lastSeenAt !== undefined && batch.receivedAt > state.lastSeenAt) {
        state.everyMs = learn(state.everyMs ?? state.profile?.reportEveryMs, batch.receivedAt - state.lastSeenAt)
      }
      state.lastSeenAt = batch.receivedAt
      state.via = via
      state.linkLost = false
      state.unsaved = true
      judge(state, batch.receivedAt, isNew)
    },

    /** At start: a journal entry that may be newer than what was saved. */
    restore(batch: Batch) {
      const state = states.get(batch.device) ?? open(batch.device)
      register(state)
      learnTypes(state, batch)
      takeLatest(state, batch)
      state.lastSeenAt = Math.max(state.lastSeenAt ?? 0, batch.receivedAt)
      state.unsaved = true
    },

    /** A way to the device opened. A newer one closes the older with `replaced`. Returns the detach. */
    attach(id: string, link: DeviceLink): () => void {
      const state = states.get(id) ?? open(id)
      register(state)
      const older = state.link
      state.link = link
      state.via = link.via
      state.linkLost = false
      if (older && older !== link) older.close('replaced')
      judge(state, clock.now(), true)
      for (const listener of linkListeners) listener(id, link)
      return () => {
        // A device that reconnected already owns a newer link; leave that one alone.
        if (state.link !== link) return
        state.link = undefined
        state.linkLost = true
        judge(state, clock.now(), true)
      }
    },

    link: (id: string): DeviceLink | undefined => states.get(id)?.link,

    /** People's words for a device; `null` takes them back. HubError `not-found`, `precondition-failed`. */
    async update(id: string, patch: DevicePatch, version?: number): Promise<Device> {
      const state = registered(id)
      if (version !== undefined && version !== state.version) {
        throw new HubError('precondition-failed', `The device was changed since; it is at version ${state.version}.`)
      }
      if (patch.name !== undefined) state.name = patch.name ?? undefined
      if (patch.tags !== undefined) state.tags = patch.tags
      if (patch.notes !== undefined) state.notes = patch.notes ?? undefined
      state.version++
      await saveNow(state)
      tell(state)
      return shown(state)
    },

    /** Forgets the device and its series. It comes back, empty, if it reports again. HubError `not-found`. */
    async remove(id: string) {
      const state = registered(id)
      states.delete(id)
      state.registered = false
      await records.remove(id)
      await store.forget(id)
      tell(state, 'removed')
    },

    onChange(listener: (device: Device, change: DeviceChange) => void): () => void {
      changeListeners.add(listener)
      return () => changeListeners.delete(listener)
    },

    onLink(listener: (id: string, link: DeviceLink) => void): () => void {
      linkListeners.add(listener)
      return () => linkListeners.delete(listener)
    },

    async close() {
      for (const stop of stops) stop()
      await save()
    },
  }
}

function shown(state: DeviceState): Device {
  const { id, name, notes, profile, createdAt, version } = state
  const presence: Presence = { status: state.status, linked: state.link !== undefined, since: state.statusSince }
  if (state.via) presence.via = state.via
  if (state.lastSeenAt !== undefined) presence.lastSeenAt = state.lastSeenAt
  if (state.everyMs !== undefined) presence.everyMs = Math.round(state.everyMs)
  return {
    id,
    name: name ?? profile?.name,
    tags: [...(state.tags ?? profile?.tags ?? [])],
    notes,
    profile,
    presence,
    latest: Object.fromEntries(state.latest),
    createdAt,
    version,
  }
}

function kept(state: DeviceState): DeviceRecord {
  const { id, createdAt, version, name, tags, notes, profile, lastSeenAt, everyMs } = state
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
    everyMs,
  }
}

/** The first value of a metric fixes its type. */
function learnTypes(state: DeviceState, batch: Batch) {
  for (let m = 0; m < batch.metrics.length; m++) {
    const metric = batch.metrics[m] as string
    if (state.types.has(metric)) continue
    const value = batch.columns[m]?.find((candidate) => candidate !== null)
    if (value !== undefined && value !== null) state.types.set(metric, typeof value as MetricType)
  }
}

function takeLatest(state: DeviceState, batch: Batch) {
  for (let m = 0; m < batch.metrics.length; m++) {
    const newest = newestOf(batch, m)
    if (!newest) continue
    const metric = batch.metrics[m] as string
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
