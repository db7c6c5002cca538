// The states of a command and the only ways from one to another.

import type { CommandState } from '../protocol/index.ts'

const next: Record<CommandState, readonly CommandState[]> = {
  queued: ['sent', 'expired', 'cancelled'],
  sent: ['delivered', 'running', 'succeeded', 'failed', 'rejected', 'timed-out', 'cancelled', 'unknown', 'queued'],
  delivered: ['running', 'succeeded', 'failed', 'rejected', 'timed-out', 'cancelled', 'unknown'],
  // A device may report progress again and again.
  running: ['running', 'succeeded', 'failed', 'rejected', 'timed-out', 'cancelled', 'unknown'],
  succeeded: [],
  failed: [],
  rejected: [],
  'timed-out': [],
  expired: [],
  cancelled: [],
  unknown: [],
}

export const hasEnded = (state: CommandState): boolean => next[state].length === 0

/** `sent → queued` is only for a command that may be sent twice, after a restart. */
export const mayBecome = (from: CommandState, to: CommandState): boolean => next[from].includes(to)
