// Has what outlived its retention removed, in small steps between which readings are written.

import type { Clock, Log, SeriesStore } from '../ports.ts'

const dayMs = 86_400_000
/** Minutes are kept for a year, hours for ever. */
const minuteRetentionMs = 366 * dayMs
/** Beyond what is promised: readings of the last moment of their time may still be on their way from the journal. */
const graceMs = dayMs
const lookEveryMs = 600_000
const pauseMs = 200
/** The clock may be wrong after a jump like this; what is removed by it would be gone for ever. */
const jumpMs = 3_600_000
const trustAgainMs = dayMs

export function createRetention({
  store,
  rawMs,
  clock,
  log,
}: {
  store: Pick<SeriesStore, 'expire' | 'backend'>
  /** How long single readings are kept. */
  rawMs: number
  clock: Clock
  log: Log
}) {
  let offset = clock.now() - clock.monotonic()
  let mistrustedUntil = Number.NEGATIVE_INFINITY
  let failing = false
  let closed = false
  let cancelPause = () => {}
  let running: Promise<void> | undefined

  /** Whether the clock has gone on evenly, at least for a day. */
  function isTrusted(): boolean {
    const now = clock.now() - clock.monotonic()
    if (Math.abs(now - offset) > jumpMs) {
      mistrustedUntil = clock.monotonic() + trustAgainMs
      log.warn('clock jumped; nothing is removed for a day', { byMs: Math.round(now - offset) })
    }
    offset = now
    return clock.monotonic() >= mistrustedUntil
  }

  async function removeAll() {
    if (!isTrusted()) return
    const now = clock.now()
    const before = { raw: now - rawMs - graceMs, minute: now - Math.max(rawMs + graceMs, minuteRetentionMs) }
    try {
      while (!closed && (await store.expire(before))) {
        await new Promise<void>((resolve) => {
          const cancel = clock.after(pauseMs, resolve)
          cancelPause = () => {
            cancel()
            resolve()
          }
        })
      }
      failing = false
    } catch (error) {
      if (!failing) log.warn('retention waits for the store', { backend: store.backend, error })
      failing = true
    }
  }

  function look() {
    running ??= removeAll().finally(() => {
      running = undefined
    })
  }

  const stop = clock.every(lookEveryMs, look)

  return {
    /** Resolves once the step under way is done. */
    async close() {
      closed = true
      stop()
      cancelPause()
      await running
    },
  }
}
