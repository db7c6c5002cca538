// Knows every series of the store and how far each one has come, so that nothing has to be looked up to append.

import type { Series } from '../../core/ports.ts'
import type { MetricType } from '../../protocol/index.ts'

export interface KnownSeries extends Series {
  readonly id: number
  /** The newest time stored, epoch ms; -Infinity for none. */
  readonly newest: number
}

/** Grows with the number of series, which intake bounds per device. */
export type Catalogue = ReturnType<typeof createCatalogue>

export function createCatalogue(rows: Iterable<KnownSeries>) {
  const devices = new Map<string, Map<string, KnownSeries>>()
  let lastId = 0

  function put(series: KnownSeries) {
    const metrics = devices.get(series.device) ?? new Map<string, KnownSeries>()
    devices.set(series.device, metrics.set(series.metric, series))
    lastId = Math.max(lastId, series.id)
  }
  for (const row of rows) put(row)

  return {
    put,
    find(device: string, metric: string): KnownSeries | undefined {
      return devices.get(device)?.get(metric)
    },
    ofDevice(device: string): KnownSeries[] {
      return [...(devices.get(device)?.values() ?? [])]
    },
    all(): KnownSeries[] {
      return [...devices.values()].flatMap((metrics) => [...metrics.values()])
    },
    forget(device: string) {
      devices.delete(device)
    },
    /** Makes series with ids after all known ones; nothing is known of them here until they are `put`. */
    drafts() {
      let id = lastId
      return (device: string, metric: string, type: MetricType): KnownSeries => {
        id += 1
        return { id, device, metric, type, newest: Number.NEGATIVE_INFINITY }
      }
    },
  }
}
