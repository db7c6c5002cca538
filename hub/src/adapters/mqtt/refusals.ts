// Writes refused connections, topics and subscriptions into log and audit: the peer itself is told little or nothing.

import { printable } from '../../core/access/printable.ts'
import type { Clock, Log, Records } from '../../core/ports.ts'
import type { ErrorCode } from '../../protocol/index.ts'
import { createRepeats } from './repeats.ts'

export interface Refusal {
  readonly action: 'mqtt connect' | 'mqtt publish' | 'mqtt subscribe'
  readonly code: ErrorCode
  /** Id of the key, or the address of one who has none. */
  readonly by: string
  /** As the peer sent it: made printable here. */
  readonly target: string
  readonly detail: string
}

/** Of the same refusal to the same peer, one line a minute. */
export function createRefusals({
  clock,
  log,
  audit,
}: {
  clock: Pick<Clock, 'now' | 'monotonic'>
  log: Log
  audit?: Pick<Records['audit'], 'append'> | undefined
}): (refusal: Refusal) => void {
  const repeats = createRepeats({ clock })

  return ({ action, code, by, target, detail }) => {
    const untold = repeats(`${by} ${action} ${detail}`)
    if (untold === undefined) return
    const entry = { at: clock.now(), actor: by, action, target: printable(target), result: code, detail }
    log.warn('mqtt refused', { ...entry, untold })
    audit?.append(entry).catch((error: unknown) => log.error('audit entry lost', { error }))
  }
}
