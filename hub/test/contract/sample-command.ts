// A command as the core would keep it, for contract tests and the processes they start.

import type { Command } from '../../src/protocol/index.ts'

export function sampleCommand(id: string): Command {
  return {
    id,
    device: 'pump-1',
    name: 'set_speed',
    params: { rpm: 1200 },
    state: 'queued',
    at: 1_000,
    by: { key: 'k1', name: 'Ann', kind: 'operator' },
    expiresAt: 2_000,
    ifOffline: 'queue',
    changes: [{ state: 'queued', at: 1_000 }],
  }
}
