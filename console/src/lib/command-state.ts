// How the state of a command is said, and what its life so far amounts to.

import type { Command, CommandProfile, CommandState } from '@telehub/hub/protocol'
import { formatDuration } from './format.ts'
import type { Tone } from './presence.ts'
import { spoken } from './schema-form.ts'

export interface StateLook {
  word: string
  tone: Tone
  final: boolean
  meaning: string
}

export const stateLooks: Record<CommandState, StateLook> = {
  queued: { word: 'queued', tone: 'info', final: false, meaning: 'waits for the device' },
  sent: { word: 'sent', tone: 'info', final: false, meaning: 'on its way to the device' },
  delivered: { word: 'delivered', tone: 'info', final: false, meaning: 'the device has it' },
  running: { word: 'running', tone: 'info', final: false, meaning: 'the device is at it' },
  succeeded: { word: 'succeeded', tone: 'ok', final: true, meaning: 'the device did it' },
  failed: { word: 'failed', tone: 'bad', final: true, meaning: 'the device tried and failed' },
  rejected: { word: 'rejected', tone: 'bad', final: true, meaning: 'the device refused it' },
  'timed-out': { word: 'timed out', tone: 'bad', final: true, meaning: 'sent, but the device gave no end in time' },
  expired: { word: 'expired', tone: 'warn', final: true, meaning: 'never reached the device in its time' },
  cancelled: { word: 'cancelled', tone: 'muted', final: true, meaning: 'called back before its end' },
  unknown: {
    word: 'unknown',
    tone: 'warn',
    final: true,
    meaning: 'the hub stopped before it knew; it was not sent again',
  },
}

export function isFinal(command: Pick<Command, 'state'>): boolean {
  return stateLooks[command.state].final
}

export function commandTitle(name: string, profile?: CommandProfile): string {
  return profile?.title ?? spoken(name)
}

/** From the request to its end, ms; undefined while it lasts. */
export function tookMs(command: Command): number | undefined {
  const end = command.changes.at(-1)
  return isFinal(command) && end ? end.at - command.at : undefined
}

/** What is left of its time, in words, while it lasts: `27 s left`. */
export function timeLeft(command: Command, now: number): string | undefined {
  if (isFinal(command)) return undefined
  const until = command.state === 'queued' ? command.expiresAt : (command.deadlineAt ?? command.expiresAt)
  return until <= now ? 'time is up' : `${formatDuration(Math.ceil((until - now) / 1_000) * 1_000)} left`
}

/** Parameters on one line: `rpm 1200 · hold on`. */
export function paramsLine(params: Readonly<Record<string, unknown>>): string {
  return Object.entries(params)
    .map(([name, value]) => `${name} ${said(value)}`)
    .join(' · ')
}

/** What it gave, or why it did not, as text. */
export function outcomeOf(command: Command): string | undefined {
  if (command.error) return command.error.message || command.error.code
  if (command.result === undefined || command.result === null) return undefined
  const { result } = command
  if (typeof result !== 'object') return said(result)
  return Array.isArray(result) ? JSON.stringify(result) : paramsLine(result as Record<string, unknown>)
}

export interface Step {
  state: CommandState
  /** Since the request. */
  afterMs: number
  by?: string | undefined
  /** The last said while in this state. */
  progress?: number | undefined
}

/** The states it went through; progress within one state is one step. */
export function stepsOf(command: Command): Step[] {
  const steps: Step[] = []
  for (const { state, at, by, progress } of command.changes) {
    const last = steps.at(-1)
    if (last?.state === state) last.progress = progress ?? last.progress
    else steps.push({ state, afterMs: at - command.at, by: by?.name, progress })
  }
  return steps
}

/** Newest first, each once, at most `limit`: the oldest ended ones are left out. */
export function withCommand(commands: readonly Command[], next: Command, limit: number): Command[] {
  const others = commands.filter(({ id }) => id !== next.id)
  return [...others, next].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).slice(0, limit)
}

function said(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
