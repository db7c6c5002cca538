// How the hub is: counts that add up, and whether each part it needs is there.

import type { Stats } from '../protocol/index.ts'
import type { Devices } from './devices.ts'
import type { Ledger } from './ledger.ts'
import type { Clock, Journal, SeriesStore } from './ports.ts'
import type { Recorder } from './recorder/recorder.ts'

/** One thing the hub depends on. */
export interface Check {
  readonly ok: boolean
  readonly reason?: string
}

export type Status = ReturnType<typeof createStatus>

const sampleEveryMs = 1_000
/** Rates are over this many samples. */
const samples = 10
/** Of what comes, so much may be on its way to the store without the journal filling up. */
const usuallyUnderwayShare = 0.2

export function createStatus({
  journal,
  recorder,
  store,
  ledger,
  devices,
  connections,
  broker,
  clock,
}: {
  journal: Journal
  recorder: Pick<Recorder, 'status'>
  store: SeriesStore
  ledger: Pick<Ledger, 'counts'>
  devices: Devices
  connections: () => Stats['connections']
  /** The outside broker, where one is bridged. */
  broker?: (() => Check) | undefined
  clock: Clock
}) {
  const startedAt = clock.monotonic()
  const history = [sample()]
  const stop = clock.every(sampleEveryMs, () => {
    history.push(sample())
    if (history.length > samples) history.shift()
  })

  function sample() {
    const { position } = recorder.status()
    return { at: clock.monotonic(), head: journal.head, position, written: journal.stats().writtenBytes }
  }

  function perSecond(of: 'head' | 'position' | 'written'): number {
    const first = history[0]
    const last = history.at(-1)
    if (!first || !last || last.at <= first.at) return 0
    return ((last[of] - first[of]) / (last.at - first.at)) * 1000
  }

  /** Only what comes and is not stored fills the journal: its files also grow while all is well, and go again. */
  function timeToFullMs(): number | null {
    const { roomBytes, refusal } = journal.stats()
    if (refusal !== undefined) return 0
    const came = perSecond('head')
    const share = recorder.status().trouble ? 1 : 1 - perSecond('position') / came
    if (came <= 0 || share <= usuallyUnderwayShare) return null
    return Math.round((roomBytes / (perSecond('written') * share)) * 1000)
  }

  /** A store that can be read may still refuse what is written, on a full disk for one. */
  async function checkStore(): Promise<Check> {
    const { trouble } = recorder.status()
    if (trouble) return { ok: false, reason: reasonOf(trouble) }
    return store.check().then(
      () => ({ ok: true }),
      (error) => ({ ok: false, reason: reasonOf(error) }),
    )
  }

  return {
    stats(): Stats {
      const { position: _, lagMs, trouble, ...counts } = recorder.status()
      const { bytes, budgetBytes, roomBytes, refusal } = journal.stats()
      const tally = devices.tally()
      return {
        at: clock.now(),
        uptimeMs: Math.round(clock.monotonic() - startedAt),
        journal: {
          accepted: journal.head,
          ...counts,
          bytes,
          budgetBytes,
          roomBytes,
          timeToFullMs: timeToFullMs(),
          ...(refusal !== undefined && { refusal }),
        },
        store: { backend: store.backend, ready: !trouble, lagMs, ...(trouble && { reason: reasonOf(trouble) }) },
        ...ledger.counts(),
        readingsPerSecond: Math.round(perSecond('head') * 10) / 10,
        devices: { total: Object.values(tally).reduce((sum, n) => sum + n, 0), ...tally },
        connections: connections(),
      }
    },

    /** Ready means: readings are accepted and can be asked for. */
    async ready(): Promise<{ ready: boolean; checks: Record<string, Check> }> {
      const { refusal } = journal.stats()
      const checks: Record<string, Check> = {
        journal: refusal === undefined ? { ok: true } : { ok: false, reason: refusal },
        store: await checkStore(),
        ...(broker && { broker: broker() }),
      }
      return { ready: Object.values(checks).every(({ ok }) => ok), checks }
    },

    close: stop,
  }
}

function reasonOf(error: Error & { setting?: string }): string {
  return error.setting ? `${error.message} (${error.setting})` : error.message
}
