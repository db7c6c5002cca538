// Reads back everything the store holds, as often as it is there, by asking the hub for history like anyone would.

import type { History as HistoryAnswer } from '../../src/protocol/index.ts'
import type { Line, Reading } from './history.ts'
import type { Questions } from './questions.ts'

/** Half of the most that one answer may have, so that also a store with everything in it twice answers with raw readings. */
const readingsPerQuestion = 4_500

/** From an hour before the first reading that was sent to an hour after the last, of every device that ever sent. */
export async function readBack(hub: Pick<Questions, 'ask'>, history: readonly Line[]): Promise<Reading[]> {
  const found: Reading[] = []
  for (const [device, times] of timesByDevice(history)) {
    for (const [from, to] of windows(times)) found.push(...(await readWindow(hub, device, from, to)))
  }
  return found
}

async function readWindow(hub: Pick<Questions, 'ask'>, device: string, from: number, to: number) {
  const answer = await hub.ask<HistoryAnswer>(`/devices/${device}/readings?from=${from}&to=${to}&points=10000`)
  return Object.entries(answer?.series ?? {}).flatMap(([metric, series]) => {
    if (series.tier !== 'raw') throw new Error(`${device} ${metric}: the hub answered with ${series.tier}`)
    const { value } = series
    return series.at.map((at, i) => ({ device, metric, at, value: value[i] as Reading['value'] }))
  })
}

function timesByDevice(history: readonly Line[]): Map<string, number[]> {
  const times = new Map<string, Set<number>>()
  for (const { readings } of history) {
    for (const { device, at } of readings) {
      const known = times.get(device) ?? new Set()
      times.set(device, known.add(at))
    }
  }
  return new Map([...times].map(([device, ats]) => [device, [...ats].sort((a, b) => a - b)]))
}

/** Without a hole between them: what nobody sent would be found, too. */
function windows(times: readonly number[]): [from: number, to: number][] {
  const starts = times.filter((_, i) => i % readingsPerQuestion === 0)
  const end = Number(times.at(-1)) + 3_600_000
  return starts.map((start, i) => [i === 0 ? start - 3_600_000 : start, starts[i + 1] ?? end])
}
