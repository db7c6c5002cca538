// The devices a list shows: filtered by the URL, in a stable order.

import { computed } from 'vue'
import { type Filters, isFiltering, matches, readFilters, sorted, typesOf } from '../lib/filters.ts'
import { type FleetDevice, useFleet } from './useFleet.ts'
import { useQuery } from './useQuery.ts'

export function useDeviceList() {
  const fleet = useFleet()
  const { query, set } = useQuery()
  const filters = computed(() => readFilters(query.value))
  const all = computed(() => fleet.devices.value.map(({ device }) => device.value))

  const shown = computed<FleetDevice[]>(() =>
    sorted(all.value.filter((device) => matches(device, filters.value))).flatMap(({ id }) => fleet.find(id) ?? []),
  )

  return {
    loaded: fleet.loaded,
    problem: fleet.problem,
    filters,
    isFiltering: computed(() => isFiltering(filters.value)),
    /** The type of the URL is offered even when no device has it now. */
    types: computed(() => typesOf(all.value)),
    total: computed(() => all.value.length),
    liveCount: computed(() => all.value.filter(({ presence }) => presence.status === 'live').length),
    shown,
    filter: (changes: Partial<Filters>) => set(changes),
    clear: () => set({ q: undefined, status: undefined, type: undefined }),
  }
}
