// How the hub is: counts that add up, and whether each part it needs is there.

import type { Stats } from '../protocol/index.ts'
import type { Devices } from './devices.ts'
import type { Intake } from './intake.ts'
import type { Clock, Journal, SeriesStore } from './ports.ts'
import type { Recorder } from './recorder.ts'

/** One thing the hub depends on. */
export interface Check {
  readonly ok: boolean
  readonly reason?: string
}

export type Status = ReturnType<typeof createStatus>

const sampleEveryMs = 1_000
/** The rate is over this many samples. */
const samples = 10

export function createStatus({
  journal,
  recorder,
  store,
  intake,
  devices,
  connections,
  broker,
  clock,
}: {
  journal: Journal
  recorder: Recorder
  store: SeriesStore
  intake: Intake
  devices: Devices
  connections: () => Stats['connections']
  /** The outside broker, where one is bridged. */
  broker?: (() => Check) | undefined
  clock: Clock
}) {
  const startedAt = clock.monotonic()
  const history = [{ at: startedAt, head: journal.head, bytes: journal.stats().bytes }]
  const stop = clock.every(sampleEveryMs, () => {
    history.push({ at: clock.monotonic(), head: journal.head, bytes: journal.stats().bytes })
    if (history.length > samples) history.shift()
  })

  function perSecond(of: 'head' | 'bytes'): number {
    const first = history[0]
    const last = history.at(-1)
    if (!first || !last || last.at <= first.at) return 0
    return ((last[of] - first[of]) / (last.at - first.at)) * 1000
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
      const { bytes, budgetBytes } = journal.stats()
      const growth = perSecond('bytes')
      const tally = devices.tally()
      return {
        at: clock.now(),
        uptimeMs: Math.round(clock.monotonic() - startedAt),
        journal: {
          accepted: journal.head,
          ...counts,
          bytes,
          budgetBytes,
          timeToFullMs: growth > 0 ? Math.round(((budgetBytes - bytes) / growth) * 1000) : null,
        },
        store: { backend: store.backend, ready: !trouble, lagMs, ...(trouble && { reason: trouble.message }) },
        ...intake.counters(),
        readingsPerSecond: Math.round(perSecond('head') * 10) / 10,
        devices: { total: Object.values(tally).reduce((sum, n) => sum + n, 0), ...tally },
        connections: connections(),
      }
    },

    /** Ready means: readings are accepted and can be asked for. */
    async ready(): Promise<{ ready: boolean; checks: Record<string, Check> }> {
      const { bytes, budgetBytes } = journal.stats()
      const full = bytes >= budgetBytes
      const checks: Record<string, Check> = {
        journal: full
          ? { ok: false, reason: 'The journal has used its budget (TELEHUB_JOURNAL_MAX_BYTES).' }
          : { ok: true },
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
