// Who exists, who is linked, how fresh each one is.

import type { Device, DevicePatch, MetricType, PresenceStatus, Profile, Transport } from '../protocol/index.ts'
import { learn, statusOf } from './cadence.ts'
import { blank, type DeviceState, recordOf, rhythmOf, shown, stateOf, tagsOf, takeBatch } from './device-state.ts'
import { HubError } from './errors.ts'
import type { Batch, Clock, DeviceLink, Log, Records, SeriesStore } from './ports.ts'

export type DeviceChange = 'changed' | 'removed'
/** `tagsBefore`: those it had until now, for whoever watches by tag. */
export type DeviceListener = (device: Device, change: DeviceChange, tagsBefore: readonly string[]) => void
export type Devices = ReturnType<typeof createDevices>

/** How often presence is judged, and what changed is saved. */
const judgeEveryMs = 1_000
const saveEveryMs = 5_000
/** Saved in one go; more would hold up everything else. */
const saveAtOnce = 100
/** A gateway can name any device: whoever has its key must not fill the hub with names. */
const maxDevices = 250_000
const maxNewcomers = 10_000

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
  /** Those that have sent something and are not registered yet: their messages share one check. */
  const newcomers = new Map<string, DeviceState>()
  /** A link outlives the removal of its device, which comes back when it reports again. */
  const links = new Map<string, DeviceLink>()
  /** When a device was removed: what the journal has of it from before is not it any more. */
  const removed = new Map<string, number>()
  const changeListeners = new Set<DeviceListener>()
  const linkListeners = new Set<(id: string, link: DeviceLink) => void>()
  let saving: Promise<boolean> = Promise.resolve(true)

  /** The device as it is, or a blank one that exists only once `seen` or `hello` was called. HubError `cardinality-limit`. */
  function open(id: string): DeviceState {
    const known = states.get(id) ?? newcomers.get(id)
    if (known) return known
    if (states.size >= maxDevices)
      throw new HubError('cardinality-limit', `This hub keeps ${maxDevices} devices at most.`)
    const state = blank(id, clock.now())
    newcomers.set(id, state)
    if (newcomers.size > maxNewcomers) newcomers.delete(newcomers.keys().next().value as string)
    return state
  }

  function register(state: DeviceState) {
    newcomers.delete(state.id)
    states.set(state.id, state)
  }

  function registered(id: string): DeviceState {
    const state = states.get(id)
    if (!state) throw new HubError('not-found', `There is no device "${id}".`)
    return state
  }

  /** Whether its device was removed after these readings came. */
  function isForgotten({ device, receivedAt }: Pick<Batch, 'device' | 'receivedAt'>): boolean {
    return receivedAt <= (removed.get(device) ?? Number.NEGATIVE_INFINITY)
  }

  const show = (state: DeviceState): Device => shown(state, links.has(state.id))

  function tell(state: DeviceState, tagsBefore = tagsOf(state), change: DeviceChange = 'changed') {
    const device = show(state)
    for (const listener of changeListeners) listener(device, change, tagsBefore)
  }

  /** Judges presence anew; tells when it became something else. */
  function judge(state: DeviceState, now: number, alwaysTell = false) {
    const { linkLost, lastSeenAt } = state
    const status = statusOf(
      { linked: links.has(state.id), linkLost, lastSeenAt, everyMs: rhythmOf(state)?.everyMs },
      now,
    )
    if (status !== state.status) {
      state.status = status
      state.statusSince = now
    } else if (!alwaysTell) return
    tell(state)
  }

  /** Resolves with whether the records have everything as it was at the call. */
  function save(): Promise<boolean> {
    saving = saving.then(saveUnsaved)
    return saving
  }

  async function saveUnsaved(): Promise<boolean> {
    const unsaved = [...states.values()].filter((state) => state.unsaved)
    for (let i = 0; i < unsaved.length; i += saveAtOnce) {
      const kept = await saveNow(unsaved.slice(i, i + saveAtOnce)).then(
        () => true,
        (error) => void log.warn('devices not saved, trying again', { error, devices: unsaved.length - i }),
      )
      if (!kept) return false
    }
    return true
  }

  async function saveNow(changed: readonly DeviceState[]) {
    for (const state of changed) state.unsaved = false
    try {
      await records.save(changed.map((state) => recordOf(state, removed.get(state.id))))
    } catch (error) {
      for (const state of changed) state.unsaved = true
      throw error
    }
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
        const { id, createdAt, removedAt } = record
        if (removedAt !== undefined) removed.set(id, removedAt)
        if (removedAt === undefined || createdAt > removedAt) register(stateOf(record, clock.now()))
      }
      for (const { device, metric, type } of known) states.get(device)?.types.set(metric, type)
    },

    open,

    get(id: string): Device | undefined {
      const state = states.get(id)
      return state && show(state)
    },

    list: (): Device[] => [...states.values()].map(show),

    tagsOf(id: string): readonly string[] {
      const state = states.get(id)
      return state ? tagsOf(state) : []
    },

    /** How many there are in each state of presence. */
    tally(): Record<PresenceStatus, number> {
      const tally = { live: 0, late: 0, silent: 0, offline: 0 }
      for (const { status } of states.values()) tally[status]++
      return tally
    },

    /** A device introduces itself, or says that it has changed. */
    async hello(id: string, profile?: Profile): Promise<Device> {
      const isNew = !states.has(id)
      const state = open(id)
      register(state)
      const tagsBefore = tagsOf(state)
      const changed = profile !== undefined && JSON.stringify(profile) !== JSON.stringify(state.profile)
      if (changed) {
        state.profile = profile
        state.version++
      }
      if (isNew || changed) {
        await saveNow([state])
        tell(state, tagsBefore)
      }
      return show(state)
    },

    /** Readings that are in the journal now: newest values, rhythm, presence. */
    seen(batch: Batch, via: Transport) {
      const isNew = !states.has(batch.device)
      const state = open(batch.device)
      register(state)
      takeBatch(state, batch)
      if (state.lastSeenAt !== undefined && batch.receivedAt > state.lastSeenAt) {
        state.rhythm = learn(rhythmOf(state), batch.receivedAt - state.lastSeenAt)
      }
      state.lastSeenAt = batch.receivedAt
      state.via = via
      state.linkLost = false
      state.unsaved = true
      judge(state, batch.receivedAt, isNew)
    },

    /** At start: a journal entry that may be newer than what was saved, or of a device that was removed since. */
    restore(batch: Batch) {
      if (isForgotten(batch)) return
      const state = open(batch.device)
      register(state)
      takeBatch(state, batch)
      state.lastSeenAt = Math.max(state.lastSeenAt ?? 0, batch.receivedAt)
      state.unsaved = true
    },

    isForgotten,

    /** A way to the device opened. A newer one closes the older with `replaced`. Returns the detach. */
    attach(id: string, link: DeviceLink): () => void {
      const state = open(id)
      register(state)
      const older = links.get(id)
      links.set(id, link)
      state.via = link.via
      state.linkLost = false
      if (older && older !== link) older.close('replaced')
      judge(state, clock.now(), true)
      for (const listener of linkListeners) listener(id, link)
      return () => {
        // A device that reconnected already owns a newer link; leave that one alone.
        if (links.get(id) !== link) return
        links.delete(id)
        const left = states.get(id)
        if (!left) return
        left.linkLost = true
        judge(left, clock.now(), true)
      }
    },

    link: (id: string): DeviceLink | undefined => links.get(id),

    /** People's words for a device; `null` takes them back. HubError `not-found`, `precondition-failed`. */
    async update(id: string, patch: DevicePatch, version?: number): Promise<Device> {
      const state = registered(id)
      if (version !== undefined && version !== state.version) {
        throw new HubError('precondition-failed', `The device was changed since; it is at version ${state.version}.`)
      }
      const tagsBefore = tagsOf(state)
      if (patch.name !== undefined) state.name = patch.name ?? undefined
      if (patch.tags !== undefined) state.tags = patch.tags
      if (patch.notes !== undefined) state.notes = patch.notes ?? undefined
      state.version++
      await saveNow([state])
      tell(state, tagsBefore)
      return show(state)
    },

    /** Forgets the device and its series. It comes back, empty, if it reports again. HubError `not-found`, `store-unavailable`. */
    async remove(id: string) {
      const state = registered(id)
      await store.forget(id).catch((cause) => {
        throw new HubError('store-unavailable', 'The series store does not answer now; nothing was removed.', { cause })
      })
      const now = clock.now()
      removed.set(id, now)
      states.delete(id)
      await records.save([recordOf(blank(id, state.createdAt), now)])
      tell(state, tagsOf(state), 'removed')
    },

    onChange(listener: DeviceListener): () => void {
      changeListeners.add(listener)
      return () => changeListeners.delete(listener)
    },

    onLink(listener: (id: string, link: DeviceLink) => void): () => void {
      linkListeners.add(listener)
      return () => linkListeners.delete(listener)
    },

    save,

    async close() {
      for (const stop of stops) stop()
      await save()
    },
  }
}
