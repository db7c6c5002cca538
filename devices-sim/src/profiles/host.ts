// The computer this runs on, as a real device among the simulated ones.

import type { Value } from '@telehub/hub/protocol'
import type { HostProbe, HostSample } from './host-probe.ts'
import { createMachine, describe, type Kind, type Model } from './model.ts'

/** Two looks at the computer: rates are between them. */
interface Looks {
  readonly before: HostSample
  readonly now: HostSample
}

/** A look within this time of the last one would make rates of almost nothing. */
const shortestLookMs = 50

/** Its metrics are those that `probe` finds here: no temperature where there is no thermometer. */
export function hostKind(probe: HostProbe): Kind {
  const model = hostModel(probe)
  return {
    type: model.type,
    title: model.title,
    simulated: false,
    describe: (device) => describe(model, { ...device, name: probe.name }, false),
    create: (random) => createMachine(model, random),
  }
}

function hostModel(probe: HostProbe): Model<Looks> {
  const first = probe.sample()
  const found = read({ before: first, now: first })
  const metrics = Object.fromEntries(Object.entries(allMetrics).filter(([name]) => name in found))
  return {
    type: 'host',
    title: 'Host',
    firmware: `${probe.system}, ${probe.cores} cores`,
    metrics,
    commands: {
      set_interval: {
        profile: {
          title: 'Set interval',
          description: 'How often this computer reports.',
          timeoutMs: 10_000,
          idempotent: true,
          params: {
            type: 'object',
            required: ['everyMs'],
            properties: {
              everyMs: {
                type: 'integer',
                title: 'Every',
                minimum: 100,
                maximum: 3_600_000,
                default: 1_000,
                unit: 'ms',
              },
            },
          },
        },
        take: (looks, params) => {
          const everyMs = Number(params.everyMs)
          return { state: looks, everyMs, result: () => ({ everyMs }) }
        },
      },
    },
    // One look for each report, however long it was away: the past of a real computer cannot be computed.
    longestStepMs: Infinity,
    begin: () => ({ before: first, now: first }),
    step: (looks) => {
      const now = probe.sample()
      return now.takenMs - looks.now.takenMs < shortestLookMs ? looks : { before: looks.now, now }
    },
    read,
  }
}

const allMetrics: Model<Looks>['metrics'] = {
  cpu: { type: 'number', unit: '%', title: 'Processor', precision: 1, min: 0, max: 100, primary: true },
  load: { type: 'number', title: 'Load, 1 min', precision: 2, min: 0 },
  memory: { type: 'number', unit: '%', title: 'Memory used', precision: 1, min: 0, max: 100 },
  network_in: { type: 'number', unit: 'B/s', title: 'Network in', precision: 0, min: 0 },
  network_out: { type: 'number', unit: 'B/s', title: 'Network out', precision: 0, min: 0 },
  temperature: { type: 'number', unit: '°C', title: 'Processor', precision: 1, min: 0, max: 150 },
  uptime: { type: 'number', unit: 's', title: 'Uptime', precision: 0, min: 0 },
}

function read({ before, now }: Looks): Record<string, Value> {
  const betweenMs = now.takenMs - before.takenMs
  const cpuMs = now.cpuTotalMs - before.cpuTotalMs
  const readings: Record<string, Value | undefined> = {
    // Linux counts processor time in ticks of 10 ms: between two looks at a quiet computer none may have passed.
    cpu: cpuMs > 0 ? (100 * (now.cpuBusyMs - before.cpuBusyMs)) / cpuMs : 0,
    load: now.load,
    memory: now.memoryUsedPercent,
    network_in: rate(before.bytesIn, now.bytesIn, betweenMs),
    network_out: rate(before.bytesOut, now.bytesOut, betweenMs),
    temperature: now.celsius,
    uptime: now.uptimeS,
  }
  return Object.fromEntries(
    Object.entries(readings).filter((entry): entry is [string, Value] => entry[1] !== undefined),
  )
}

/** A counter that went back was begun anew: an interface left, or the computer slept. */
function rate(before: number | undefined, now: number | undefined, betweenMs: number): number | undefined {
  if (before === undefined || now === undefined) return undefined
  return betweenMs > 0 ? (Math.max(0, now - before) * 1_000) / betweenMs : 0
}
