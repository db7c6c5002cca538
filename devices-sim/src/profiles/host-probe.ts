// Looks at the computer this runs on: what `node:os` knows everywhere, and what Linux tells in /proc and /sys.

import { readdirSync, readFileSync } from 'node:fs'
import { cpus, freemem, hostname, loadavg, platform, totalmem, uptime } from 'node:os'

/** One look at a computer. What it cannot tell is undefined. Counters grow since it was started. */
export interface HostSample {
  /** When it was taken, on a clock that only grows. */
  readonly takenMs: number
  /** Processor time of all cores, ms. */
  readonly cpuBusyMs: number
  readonly cpuTotalMs: number
  /** Mean number of runnable tasks over the last minute; Windows has none. */
  readonly load: number | undefined
  readonly memoryUsedPercent: number
  readonly bytesIn: number | undefined
  readonly bytesOut: number | undefined
  readonly celsius: number | undefined
  readonly uptimeS: number
}

export interface HostProbe {
  readonly name: string
  readonly cores: number
  readonly system: string
  sample(): HostSample
}

export function createHostProbe(): HostProbe {
  const thermometer = findThermometer()
  return {
    name: hostname(),
    cores: cpus().length,
    system: platform(),
    sample: () => ({
      takenMs: performance.now(),
      ...cpuTimes(),
      load: platform() === 'win32' ? undefined : loadavg()[0],
      memoryUsedPercent: memoryUsedPercent(read('/proc/meminfo')),
      ...networkBytes(read('/proc/net/dev')),
      celsius: thermometer === undefined ? undefined : celsiusOf(read(thermometer)),
      uptimeS: uptime(),
    }),
  }
}

/** Sums all interfaces of `/proc/net/dev` but the loopback, whose bytes never leave the computer (proc(5)). */
export function networkBytes(text: string | undefined): { bytesIn: number | undefined; bytesOut: number | undefined } {
  if (text === undefined) return { bytesIn: undefined, bytesOut: undefined }
  const rows = text.split('\n').flatMap((line) => {
    const [name, numbers] = line.split(':')
    if (!name || !numbers || name.trim() === 'lo') return []
    const columns = numbers.trim().split(/\s+/).map(Number)
    return [{ received: columns[0] ?? 0, sent: columns[8] ?? 0 }]
  })
  return {
    bytesIn: rows.reduce((sum, row) => sum + row.received, 0),
    bytesOut: rows.reduce((sum, row) => sum + row.sent, 0),
  }
}

/** Where Linux says what is available, its own caches do not count as used: `MemAvailable` of proc(5). */
export function memoryUsedPercent(meminfo: string | undefined): number {
  const kilobytes = (field: string) => Number(meminfo?.match(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm'))?.[1])
  const used = 1 - kilobytes('MemAvailable') / kilobytes('MemTotal')
  return 100 * (Number.isFinite(used) ? used : 1 - freemem() / totalmem())
}

function cpuTimes(): { cpuBusyMs: number; cpuTotalMs: number } {
  let idle = 0
  let total = 0
  for (const { times } of cpus()) {
    idle += times.idle
    total += times.user + times.nice + times.sys + times.irq + times.idle
  }
  return { cpuBusyMs: total - idle, cpuTotalMs: total }
}

/** The processor's own thermal zone where it is named, else the first that can be read. */
function findThermometer(): string | undefined {
  const root = '/sys/class/thermal'
  const zones = entries(root).filter((name) => name.startsWith('thermal_zone'))
  const readable = zones.filter((zone) => celsiusOf(read(`${root}/${zone}/temp`)) !== undefined)
  const processor = readable.find((zone) => /cpu|pkg|core/i.test(read(`${root}/${zone}/type`) ?? ''))
  const zone = processor ?? readable[0]
  return zone === undefined ? undefined : `${root}/${zone}/temp`
}

/** `temp` of a thermal zone is in thousandths of a degree; one that is switched off reads as an error or as 0. */
function celsiusOf(text: string | undefined): number | undefined {
  const celsius = Number(text) / 1_000
  return celsius > 0 && celsius < 150 ? celsius : undefined
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

function entries(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
