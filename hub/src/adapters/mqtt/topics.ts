// The MQTT topics of the protocol: read from and written to strings, here and nowhere else.

import { DeviceId } from '../../protocol/index.ts'

export type DeviceTopic =
  | { readonly kind: 'telemetry' | 'profile' | 'status'; readonly device: string }
  | { readonly kind: 'reply'; readonly device: string; readonly command: string }

/** What an outside broker is asked for: everything that devices say. */
export const deviceTopicFilters: readonly string[] = [
  'telehub/v1/+/telemetry',
  'telehub/v1/+/profile',
  'telehub/v1/+/status',
  'telehub/v1/+/commands/+/reply',
]

/** `telehub/v1/{device}/telemetry|profile|status` or `…/commands/{id}/reply`; undefined for every other topic. */
export function parseDeviceTopic(topic: string): DeviceTopic | undefined {
  const [root, version, device, kind, command, reply, ...rest] = topic.split('/', 8)
  if (root !== 'telehub' || version !== 'v1' || device === undefined || rest.length > 0) return undefined
  if (!DeviceId.safeParse(device).success) return undefined
  switch (kind) {
    case 'telemetry':
    case 'profile':
    case 'status':
      return command === undefined ? { kind, device } : undefined
    case 'commands':
      return command && reply === 'reply' ? { kind: 'reply', device, command } : undefined
    default:
      return undefined
  }
}

/** `telehub/v1/{device}/commands/{id}` */
export function commandTopic(device: string, command: string): string {
  return `telehub/v1/${device}/commands/${command}`
}

/**
 * Whose commands a filter asks for: one device, or `'+'` for all. Only `telehub/v1/{device|+}/commands/+` and `…/#` are
 * filters of the protocol; undefined for every other one.
 */
export function parseCommandsFilter(filter: string): string | undefined {
  const [root, version, device, kind, wildcard, ...rest] = filter.split('/', 6)
  if (root !== 'telehub' || version !== 'v1' || kind !== 'commands' || rest.length > 0) return undefined
  if (wildcard !== '+' && wildcard !== '#') return undefined
  return device === '+' || DeviceId.safeParse(device).success ? device : undefined
}
