// What is said about one metric of a device: its name, its newest value, its age.

import { computed } from 'vue'
import { formatAgo, formatClock, formatMeasure, formatValue } from '../lib/format.ts'
import { freshnessOf } from '../lib/freshness.ts'
import { spoken } from '../lib/schema-form.ts'
import type { FleetDevice } from './useFleet.ts'
import { useNow } from './useNow.ts'

export function useMetric(row: () => FleetDevice, metric: () => string) {
  const now = useNow()
  const profile = computed(() => row().device.value.profile?.metrics?.[metric()])
  const latest = computed(() => row().latest.value[metric()])
  const freshness = computed(() =>
    freshnessOf(row().device.value.presence, latest.value?.at, now.value, row().device.value.profile?.reportEveryMs),
  )
  return {
    profile,
    freshness,
    title: computed(() => profile.value?.title ?? spoken(metric())),
    value: computed(() => {
      if (!latest.value || freshness.value === 'offline') return '–'
      return formatValue(latest.value.value, profile.value)
    }),
    unit: computed(() =>
      profile.value?.unit && freshness.value !== 'never' && freshness.value !== 'offline'
        ? profile.value.unit
        : undefined,
    ),
    /** Said only when the value is not the present one. */
    staleNote: computed(() => {
      if (!latest.value) return 'no data yet'
      if (freshness.value === 'live') return undefined
      const last = freshness.value === 'offline' ? `last ${formatMeasure(latest.value.value, profile.value)} at ` : ''
      return last ? `${last}${formatClock(latest.value.at, now.value)}` : formatAgo(now.value - latest.value.at)
    }),
    age: computed(() => (latest.value ? formatAgo(now.value - latest.value.at) : 'never')),
  }
}
