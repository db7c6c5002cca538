// Decides whether a hub kept its word: a pure function of what devices did and heard, and of what the store holds afterwards.

import type { Line, Reading } from './history.ts'

/** The counts of `/api/v1/stats`, once everything is settled. */
export interface Counts {
  readonly accepted: number
  readonly stored: number
  readonly pending: number
  readonly deadLetter: number
  readonly expired: number
}

export interface Evidence {
  readonly history: readonly Line[]
  /** Everything in the store, as often as it is there. */
  readonly found: readonly Reading[]
  readonly counts: Counts
  /** Readings that the hub put aside: dealt with, though not in the store. */
  readonly deadLetters?: readonly Reading[]
  /** How many readings a broker between device and hub may have sent again by itself. */
  readonly brokerRepeats?: number
  /** How many acknowledged readings a damaged disk may have taken; the hub must have counted or reported them. */
  readonly reportedLost?: number
}

export interface Violation {
  readonly kind: 'lost' | 'repeated' | 'changed' | 'invented' | 'accounting'
  readonly detail: string
}

export interface Verdict {
  readonly holds: boolean
  readonly violations: readonly Violation[]
  /** Readings, not messages. `again`: sent more than once, each time too many counted. */
  readonly tally: { sent: number; acknowledged: number; refused: number; again: number; found: number }
}

/**
 * I0: every acknowledged reading is in the store exactly once, with the value that was sent, and nothing else is. What was
 * sent and never acknowledged may be there or not. R3: accepted = stored + pending + deadLetter + expired, nothing is
 * pending any more, and `stored` is what the store holds, apart from readings that were sent again.
 */
export function judge(evidence: Evidence): Verdict {
  const { history, found, counts, deadLetters = [], reportedLost = 0, brokerRepeats = 0 } = evidence
  const sent = gather(history)
  const held = countByName(found)
  const aside = new Set(deadLetters.map(nameOf))
  const violations = [
    ...losses(sent, held, aside, reportedLost),
    ...surprises(sent, found, held),
    ...sums(counts, deadLetters.length),
    ...comparison(counts, held.size, again(sent) + brokerRepeats),
  ]
  const acknowledged = [...sent.values()].filter((reading) => reading.acknowledged).length
  const refused = history.reduce((sum, { event, readings }) => (event === 'nack' ? sum + readings.length : sum), 0)
  const tally = { sent: sent.size, acknowledged, refused, again: again(sent), found: found.length }
  return { holds: violations.length === 0, violations, tally }
}

interface Sent {
  readonly reading: Reading
  times: number
  acknowledged: boolean
}

function gather(history: readonly Line[]): Map<string, Sent> {
  const sent = new Map<string, Sent>()
  for (const { event, readings } of history) {
    for (const reading of readings) {
      const name = nameOf(reading)
      const known = sent.get(name) ?? { reading, times: 0, acknowledged: false }
      sent.set(name, known)
      if (event === 'send') known.times++
      if (event === 'ack') known.acknowledged = true
    }
  }
  return sent
}

function losses(
  sent: ReadonlyMap<string, Sent>,
  held: ReadonlyMap<string, number>,
  aside: ReadonlySet<string>,
  reportedLost: number,
): Violation[] {
  const lost = [...sent].filter(([name, { acknowledged }]) => acknowledged && !held.has(name) && !aside.has(name))
  if (lost.length <= reportedLost) return []
  return lost.map(([name]) => ({ kind: 'lost', detail: `${name} was acknowledged and is not in the store` }))
}

function surprises(
  sent: ReadonlyMap<string, Sent>,
  found: readonly Reading[],
  held: ReadonlyMap<string, number>,
): Violation[] {
  const violations: Violation[] = []
  for (const [name, times] of held) {
    if (times > 1) violations.push({ kind: 'repeated', detail: `${name} is in the store ${times} times` })
  }
  for (const reading of found) {
    const name = nameOf(reading)
    const original = sent.get(name)?.reading
    if (original === undefined) violations.push({ kind: 'invented', detail: `${name} was never sent` })
    else if (original.value !== reading.value) {
      const detail = `${name} was sent as ${cut(original)} and is ${cut(reading)} in the store`
      violations.push({ kind: 'changed', detail })
    }
  }
  return violations
}

function sums({ accepted, stored, pending, deadLetter, expired }: Counts, deadLetters: number): Violation[] {
  const violations: Violation[] = []
  const fault = (detail: string) => violations.push({ kind: 'accounting', detail })
  const sum = stored + pending + deadLetter + expired
  if (accepted !== sum) fault(`accepted is ${accepted}, the sum of the rest is ${sum}`)
  if (pending !== 0) fault(`${pending} readings are pending though the store has been reached`)
  if (deadLetter !== deadLetters) fault(`deadLetter is ${deadLetter}, ${deadLetters} were put aside`)
  return violations
}

/** A reading sent again may be kept again in the journal, where it has no stream and seq; the store has it once. */
function comparison({ stored }: Counts, held: number, again: number): Violation[] {
  if (stored < held) return [{ kind: 'accounting', detail: `stored is ${stored}, the store holds ${held}` }]
  if (stored <= held + again) return []
  const detail = `stored is ${stored}, the store holds ${held}, and at most ${again} were sent again`
  return [{ kind: 'accounting', detail }]
}

/** How many sendings were repetitions. */
function again(sent: ReadonlyMap<string, Sent>): number {
  let sum = 0
  for (const { times } of sent.values()) sum += Math.max(0, times - 1)
  return sum
}

function countByName(readings: readonly Reading[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const reading of readings) counts.set(nameOf(reading), (counts.get(nameOf(reading)) ?? 0) + 1)
  return counts
}

const cut = ({ value }: Reading) => String(value).slice(0, 40)

function nameOf({ device, metric, at }: Reading): string {
  return `${device} ${metric} ${at}`
}
