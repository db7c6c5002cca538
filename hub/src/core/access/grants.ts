// Who may do what: one small matrix, and the two ways a page's origin can narrow it.

import type { KeyKind, Role } from '../../protocol/index.ts'
import { HubError } from '../errors.ts'
import type { Caller } from './keys.ts'

/** `ingest`: readings, profiles and replies · `register`: keys for devices · `administer`: the hub's own settings. */
export type Action = 'read' | 'command' | 'administer' | 'ingest' | 'register'

const may: Record<KeyKind, readonly Action[]> = {
  device: ['ingest'],
  gateway: ['ingest', 'register'],
  viewer: ['read'],
  operator: ['read', 'command'],
  admin: ['read', 'command', 'administer', 'register'],
}
const rank: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 }

/**
 * Returns when the caller may; `grant` is what its page's origin allows at most. HubError `wrong-audience` when keys of
 * this kind have no business here at all, `role-needed` when a higher role would do.
 */
export function allow(caller: Caller, action: Action, grant?: Role): void {
  if (!isRole(caller.kind)) {
    if (may[caller.kind].includes(action)) return
    throw new HubError(
      'wrong-audience',
      `A ${caller.kind} key is for sending readings; this needs a ${lowest(action)} key.`,
    )
  }
  if (action === 'ingest')
    throw new HubError(
      'wrong-audience',
      `A ${caller.kind} key cannot send readings; this needs a device or gateway key.`,
    )
  if (may[roleOf(caller, grant)].includes(action)) return
  const capped = may[caller.kind].includes(action)
  throw new HubError(
    'role-needed',
    capped
      ? `Pages of this origin may be ${grant} at most; this needs ${lowest(action)}.`
      : `This needs the role ${lowest(action)}; this key has ${caller.kind}.`,
  )
}

/** What the caller is, from this page: the lesser of its key and the origin's grant. HubError `wrong-audience` for device and gateway keys. */
export function roleOf(caller: Caller, grant?: Role): Role {
  if (!isRole(caller.kind))
    throw new HubError('wrong-audience', `A ${caller.kind} key is for sending readings, not for watching.`)
  return grant !== undefined && rank[grant] < rank[caller.kind] ? grant : caller.kind
}

function isRole(kind: KeyKind): kind is Role {
  return kind in rank
}

function lowest(action: Action): Role {
  return (['viewer', 'operator', 'admin'] as const).find((role) => may[role].includes(action)) ?? 'admin'
}
