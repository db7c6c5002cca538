// F21: consoles are frozen (SIGSTOP) while devices report. Memory is bounded, and devices do not feel it.

import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, it } from 'vitest'
import { eventually } from '../running-hub.ts'
import { createHistory, type History } from './history.ts'
import { type HubUnderTest, startHubProcess } from './hub-process.ts'
import { startLoad } from './load/load.ts'
import type { Sender } from './load/sender.ts'
import { wsSender } from './load/ws.ts'
import { randomOf, size } from './seed.ts'
import { expectKept } from './verdict.ts'

const consoles = 50
const frozenMs = size({ fast: 8_000, long: 120_000 })
const mebibyte = 1_048_576
/** The hub drops readings for a console at 1 MiB unsent. Frames are made of shared buffers, so twice that is generous. */
const mostGrowth = consoles * 2 * mebibyte + 100 * mebibyte

const firstAt = Date.now() - 3_600_000

let hub: HubUnderTest
const closers: (() => unknown)[] = []
afterEach(async () => {
  for (let close = closers.pop(); close; close = closers.pop()) await close()
})

async function startConsoles() {
  const script = fileURLToPath(new URL('frozen-consoles.ts', import.meta.url))
  const args = ['--import', 'tsx', '--conditions', 'source', script, hub.url, hub.key('admin'), String(consoles)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  closers.push(() => child.kill('SIGKILL'))
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line))
  await eventually(() => lines.includes('watching'), 30_000)
  return { freeze: () => child.kill('SIGSTOP'), thaw: () => child.kill('SIGCONT'), lines }
}

/** Milliseconds from a message to its acknowledgement, in the middle of all measured in `ms`. */
async function medianAck(sender: Sender, ms: number, history: History): Promise<number> {
  const taken: number[] = []
  const until = performance.now() + ms
  while (performance.now() < until) {
    const seq = history.lines.length
    const line = {
      via: 'ws' as const,
      seq,
      readings: [{ device: 'probe', metric: 'n', at: firstAt + seq, value: seq }],
    }
    history.add({ event: 'send', ...line })
    const sentAt = performance.now()
    await sender.send({ device: 'probe', ...line })
    taken.push(performance.now() - sentAt)
    history.add({ event: 'ack', ...line })
  }
  return taken.sort((a, b) => a - b)[taken.length >> 1] as number
}

const residentBytes = () =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${hub.pid}/status`, 'utf8'))?.[1]) * 1_024

it.skipIf(process.platform !== 'linux')(
  `F21 ${consoles} frozen consoles cost bounded memory, devices are acknowledged as fast as before`,
  async () => {
    hub = await startHubProcess()
    closers.push(hub.stop)
    const { freeze, thaw, lines } = await startConsoles()
    const history = createHistory()
    const heavy = { device: 'heavy', via: 'ws' as const, open: wsSender(hub), lanes: 8, paceMs: 25, textBytes: 3_500 }
    const load = startLoad([heavy], { history, random: randomOf('F21') })
    closers.push(load.abandon)
    const probe = await wsSender(hub)({ device: 'probe', stream: 's' })
    const before = await medianAck(probe, 3_000, history)
    const restingBytes = residentBytes()
    freeze()
    const during = await medianAck(probe, frozenMs, history)
    const grownBytes = residentBytes() - restingBytes

    expect(grownBytes).toBeLessThan(mostGrowth)
    expect(during).toBeLessThan(before * 2 + 5)
    probe.close()
    await load.stop()
    thaw()
    await eventually(() => lines.includes('behind'), 30_000)
    await expectKept(hub, history, { atLeast: 1_000 })
  },
)
