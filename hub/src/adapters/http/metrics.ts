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
    readings: counter('telehub_readings_total', 'Readings by fate: accepted is the sum of the others and of pending.', [
      'fate',
    ]),
    rejected: counter('telehub_rejected_total', 'Readings and messages refused, by code.', ['code']),
    duplicates: counter('telehub_duplicates_total', 'Messages acknowledged again and not stored again.'),
  }
  const gauges = {
    pending: gauge('telehub_readings_pending', 'Readings accepted and not yet in the store.'),
    journalBytes: gauge('telehub_journal_bytes', 'Size of the journal on disk.'),
    journalBudget: gauge('telehub_journal_budget_bytes', 'Size at which readings are refused.'),
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

  function fill({ journal, store, rejected, duplicates, readingsPerSecond, devices, connections }: Stats): void {
    for (const each of Object.values(counters)) each.reset()
    const fates = {
      accepted: journal.accepted,
      stored: journal.stored,
      'dead-letter': journal.deadLetter,
      expired: journal.expired,
    }
    for (const [fate, count] of Object.entries(fates)) counters.readings.inc({ fate }, count)
    for (const [code, count] of Object.entries(rejected)) counters.rejected.inc({ code }, count)
    counters.duplicates.inc(duplicates)
    gauges.pending.set(journal.pending)
    gauges.journalBytes.set(journal.bytes)
    gauges.journalBudget.set(journal.budgetBytes)
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
