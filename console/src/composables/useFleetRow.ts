// What one row or card of the list says about its device.

import { computed } from 'vue'
import { formatAge, formatAgo, formatMeasure, formatValue } from '../lib/format.ts'
import { freshnessOf } from '../lib/freshness.ts'
import { primaryMetric, titleOf } from '../lib/presence.ts'
import { spoken } from '../lib/schema-form.ts'
import type { FleetDevice } from './useFleet.ts'
import { useLook } from './useLook.ts'
import { useNow } from './useNow.ts'

export function useFleetRow(row: () => FleetDevice) {
  const now = useNow()
  const device = computed(() => row().device.value)
  const metric = computed(() => primaryMetric(device.value))
  const profile = computed(() => (metric.value ? device.value.profile?.metrics?.[metric.value] : undefined))
  const latest = computed(() => (metric.value ? row().latest.value[metric.value] : undefined))
  const seenAt = computed(() => {
    const times = Object.values(row().latest.value).map(({ at }) => at)
    return times.length > 0 ? Math.max(...times) : device.value.presence.lastSeenAt
  })
  const freshness = computed(() =>
    freshnessOf(device.value.presence, latest.value?.at, now.value, device.value.profile?.reportEveryMs),
  )

  return {
    device,
    freshness,
    title: computed(() => titleOf(device.value)),
    look: useLook(() => device.value),
    metricTitle: computed(() => (metric.value ? (profile.value?.title ?? spoken(metric.value)) : undefined)),
    value: computed(() => (latest.value ? formatValue(latest.value.value, profile.value) : '–')),
    unit: computed(() => (typeof latest.value?.value === 'number' ? profile.value?.unit : undefined)),
    /** For the row of a device that is gone: what it last said. */
    measure: computed(() => (latest.value ? formatMeasure(latest.value.value, profile.value) : undefined)),
    age: computed(() => (seenAt.value === undefined ? 'never' : formatAge(now.value - seenAt.value))),
    ago: computed(() => (seenAt.value === undefined ? 'no data yet' : formatAgo(now.value - seenAt.value))),
  }
}
