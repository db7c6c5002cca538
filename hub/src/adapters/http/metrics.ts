// The hub's figures for Prometheus: read from `stats` when somebody asks, so that they cost nothing in between.

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import type { ErrorCode, Stats } from '../../protocol/index.ts'

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics({ stats }: { stats: () => Stats }) {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const problems = new Counter({
    name: 'telehub_http_problems_total',
    help: 'HTTP requests answered with a problem, by status and code.',
    labelNames: ['status', 'code'],
    registers: [register],
  })
  const counters = {
    accepted: counter('telehub_readings_accepted_total', 'Readings acknowledged: the sum of the next four.'),
    stored: counter('telehub_readings_stored_total', 'Readings in the series store.'),
    expired: counter('telehub_readings_expired_total', 'Readings lost to a damaged disk before the store had them.'),
    rejected: counter('telehub_readings_rejected_total', 'Readings and messages refused, by code.', ['code']),
    duplicates: counter('telehub_messages_duplicate_total', 'Messages acknowledged again and not stored again.'),
    jumps: counter('telehub_messages_jump_total', 'Messages ahead of the number that was next in their stream.'),
    conflicts: counter(
      'telehub_readings_conflicting_total',
      'Readings that contradict the newest one of their metric for the same time.',
    ),
  }
  const gauges = {
    pending: gauge('telehub_readings_pending', 'Readings accepted and not yet in the store.'),
    deadLetters: gauge('telehub_readings_dead_letter', 'Readings put aside because the store refuses them.'),
    journalBytes: gauge('telehub_journal_bytes', 'Size of the journal on disk.'),
    journalBudget: gauge('telehub_journal_budget_bytes', 'Size at which readings are refused.'),
    journalRoom: gauge('telehub_journal_room_bytes', 'What may still be appended, by budget and by the free disk.'),
    timeToFull: gauge(
      'telehub_journal_time_to_full_seconds',
      'Until readings are refused, as the last seconds went on; +Inf when what comes is also stored.',
    ),
    storeReady: gauge('telehub_store_ready', '1 when the series store takes writes.', ['backend']),
    storeLag: gauge('telehub_store_lag_seconds', 'Age of the oldest reading not yet in the store.'),
    rate: gauge('telehub_readings_per_second', 'Readings accepted a second, lately.'),
    devices: gauge('telehub_devices', 'Devices by presence.', ['status']),
    connections: gauge('telehub_connections', 'Open WebSockets by kind.', ['kind']),
  }

  function counter<Label extends string = never>(name: string, help: string, labelNames: Label[] = []) {
    return new Counter({ name, help, labelNames, registers: [register] })
  }
  function gauge<Label extends string = never>(name: string, help: string, labelNames: Label[] = []) {
    return new Gauge({ name, help, labelNames, registers: [register] })
  }

  function fill(stats: Stats): void {
    const { journal, store, rejected, duplicates, jumps, conflicts, readingsPerSecond, devices, connections } = stats
    for (const each of Object.values(counters)) each.reset()
    counters.accepted.inc(journal.accepted)
    counters.stored.inc(journal.stored)
    counters.expired.inc(journal.expired)
    for (const [code, count] of Object.entries(rejected)) counters.rejected.inc({ code }, count)
    counters.duplicates.inc(duplicates)
    counters.jumps.inc(jumps)
    counters.conflicts.inc(conflicts)
    gauges.pending.set(journal.pending)
    gauges.deadLetters.set(journal.deadLetter)
    gauges.journalBytes.set(journal.bytes)
    gauges.journalBudget.set(journal.budgetBytes)
    gauges.journalRoom.set(journal.roomBytes)
    gauges.timeToFull.set(journal.timeToFullMs === null ? Number.POSITIVE_INFINITY : journal.timeToFullMs / 1000)
    gauges.storeReady.set({ backend: store.backend }, store.ready ? 1 : 0)
    gauges.storeLag.set(store.lagMs / 1000)
    gauges.rate.set(readingsPerSecond)
    const { total: _, ...byStatus } = devices
    for (const [status, count] of Object.entries(byStatus)) gauges.devices.set({ status }, count)
    for (const [kind, count] of Object.entries(connections)) gauges.connections.set({ kind }, count)
  }

  return {
    contentType: register.contentType,
    async text(): Promise<string> {
      fill(stats())
      return register.metrics()
    },
    problem(status: number, code: ErrorCode): void {
      problems.inc({ status: String(status), code })
    },
  }
}
