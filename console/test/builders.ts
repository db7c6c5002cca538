// Devices and commands for tests: complete, with only what matters spelled out.

import type { Command, Device } from '@telehub/hub/protocol'

export function aDevice(part: Partial<Device> = {}): Device {
  return {
    id: 'pump-1',
    tags: [],
    presence: { status: 'live', linked: true, since: 0, lastSeenAt: 0, everyMs: 1_000 },
    latest: {},
    createdAt: 0,
    version: 1,
    ...part,
  }
}

export function aCommand(part: Partial<Command> = {}): Command {
  return {
    id: 'c-1',
    device: 'pump-1',
    name: 'set_speed',
    params: {},
    state: 'queued',
    at: 1_000,
    by: { key: 'k1', name: 'console', kind: 'operator' },
    expiresAt: 31_000,
    ifOffline: 'fail',
    changes: [{ state: 'queued', at: 1_000 }],
    ...part,
  }
}
