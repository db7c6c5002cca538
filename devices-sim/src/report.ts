// What a run looks like to people and programs: a table that is kept current, plain lines, and the summary.

import type picocolors from 'picocolors'
import type { Counts } from './tally.ts'

export interface RunState extends Counts {
  readonly elapsedMs: number
  /** Devices of the plan, and how many of them have started. */
  readonly size: number
  readonly started: number
  readonly pending: number
  /** Readings acknowledged each second, since the last look. */
  readonly perSecond: number
}

type Colors = ReturnType<typeof picocolors.createColors>

/** The table of the live view: no line is longer than `width`. */
export function table(
  state: RunState,
  { heading, width, colors }: { heading: string; width: number; colors: Colors },
): string[] {
  const { readings, messages, commands, ackMs } = state
  const allOnline = state.online === state.size
  const rejected = sum(readings.rejected) + readings.refused
  const rows: [string, string, boolean][] = [
    ['devices', `${state.online} of ${state.size} online${troubles(state)}`, !allOnline],
    [
      'readings',
      `${number(readings.acknowledged)} acknowledged · ${number(state.perSecond)}/s · ${number(state.pending)} waiting`,
      false,
    ],
    [
      '',
      `${number(rejected)} rejected · ${number(readings.dropped)} dropped${codes(readings.rejected)}`,
      rejected + readings.dropped > 0,
    ],
    [
      'ack',
      `p50 ${milliseconds(ackMs.p50)} · p99 ${milliseconds(ackMs.p99)} · ${number(sum(messages.nacks))} nacks${codes(messages.nacks)}`,
      sum(messages.nacks) > 0,
    ],
    [
      'commands',
      `${commands.succeeded} succeeded · ${commands.rejected} rejected · ${commands.failed} failed · ${commands.received} in all`,
      false,
    ],
  ]
  if (state.trouble && !allOnline) rows.push(['trouble', state.trouble, true])
  const title = cut(`${heading} · ${clock(state.elapsedMs)}`, width)
  return [
    colors.bold(title),
    ...rows.map(([name, text, alarming]) => {
      const shown = cut(text, width - 10)
      return `${colors.dim(name.padEnd(10))}${alarming ? colors.yellow(shown) : shown}`
    }),
  ]
}

/** One line for a log: `key=value`, always the same keys. */
export function plainLine(state: RunState): string {
  const { readings, messages, commands, ackMs } = state
  const fields = {
    t: clock(state.elapsedMs),
    online: `${state.online}/${state.size}`,
    acknowledged: readings.acknowledged,
    perSecond: Math.round(state.perSecond),
    waiting: state.pending,
    rejected: sum(readings.rejected) + readings.refused,
    dropped: readings.dropped,
    p50: milliseconds(ackMs.p50).replace(' ', ''),
    p99: milliseconds(ackMs.p99).replace(' ', ''),
    nacks: sum(messages.nacks),
    commands: commands.received,
  }
  const trouble = state.trouble && state.online < state.started ? ` trouble="${state.trouble}"` : ''
  return `${Object.entries(fields)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}${trouble}`
}

/** The end of a run in words. */
export function summaryText(state: RunState): string {
  const { readings, messages, commands, ackMs, links } = state
  const lines = [
    `${plural(state.started, 'device')} for ${clock(state.elapsedMs)}: ${number(readings.made)} readings made, ${number(readings.acknowledged)} acknowledged.`,
    ackMs.p50 === undefined
      ? ''
      : `Acknowledged within ${milliseconds(ackMs.p50)} (half) and ${milliseconds(ackMs.p99)} (99 %), ${milliseconds(ackMs.max)} at most.`,
    others([
      [sum(readings.rejected), 'rejected', codes(readings.rejected)],
      [readings.refused, 'refused with their message', ''],
      [readings.dropped, 'dropped, as too many were waiting', ''],
      [state.pending, 'not acknowledged at the end', ''],
    ]),
    `Commands: ${commands.received} received, ${commands.succeeded} succeeded, ${commands.rejected} rejected, ${commands.failed} failed.`,
    others([
      [sum(messages.nacks), 'messages were not taken at once', codes(messages.nacks)],
      [messages.sentAgain, 'messages were sent again', ''],
      [links.lost, 'links were lost', ''],
      [links.refused, 'links were refused', ''],
      [state.skipped, 'reports were left out, as this machine was too busy', ''],
    ]),
    state.trouble && (links.lost > 0 || state.online === 0) ? `Last trouble: ${state.trouble}` : '',
  ]
  return lines.filter((line) => line !== '').join('\n')
}

/** The end of a run for programs: the counts, and how long it took. */
export function summaryJson(state: RunState, run: { seed: number; ended: string }): string {
  const { elapsedMs, size, started, readings, pending, ackMs, messages, commands, links, skipped, trouble } = state
  const { p50, p99, max } = ackMs
  return JSON.stringify({
    ...run,
    elapsedMs,
    devices: { planned: size, started },
    readings: { ...readings, pending },
    ackMs: { p50: tenths(p50), p99: tenths(p99), max: tenths(max) },
    messages,
    commands,
    links,
    skipped,
    trouble,
  })
}

function troubles({ links, started, size }: RunState): string {
  const parts = [
    started < size ? ` · ${size - started} to come` : '',
    links.lost > 0 ? ` · ${plural(links.lost, 'link')} lost` : '',
    links.refused > 0 ? ` · ${links.refused} refused` : '',
  ]
  return parts.join('')
}

function others(parts: readonly [number, string, string][]): string {
  const told = parts.filter(([count]) => count > 0).map(([count, words, more]) => `${number(count)} ${words}${more}`)
  return told.length > 0 ? `${told.join(', ')}.` : ''
}

function codes(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).sort(([, one], [, other]) => other - one)
  return parts.length > 0 ? ` (${parts.map(([code, count]) => `${code} ${number(count)}`).join(', ')})` : ''
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}

function tenths(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.round(value * 10) / 10
}

function number(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

function plural(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`
}

function milliseconds(value: number | undefined): string {
  if (value === undefined) return '–'
  return value < 10 ? `${value.toFixed(1)} ms` : `${number(value)} ms`
}

/** `01:23`, `2:01:23` */
function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  const two = (value: number) => String(value).padStart(2, '0')
  const hours = Math.floor(seconds / 3_600)
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
  return hours > 0 ? `${hours}:${rest}` : rest
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
