// Who is calling: keys are made, checked from memory, and revoked here. Their secrets are shown once and kept only as hashes.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { CreatedKey, KeyInfo, KeyKind, NewKey } from '../../protocol/index.ts'
import { HubError, type Pointed } from '../errors.ts'
import type { Clock, KeyRecord, Log, Records } from '../ports.ts'

/** Who a request is from. `device` is set for keys of kind `device`: the only one they may speak for. */
export interface Caller {
  readonly keyId: string
  readonly kind: KeyKind
  readonly name: string
  readonly device?: string
}

export type Keys = ReturnType<typeof createKeys>

/** All keys are in memory, some 300 bytes each; past this number `create` is refused until the hub is given another home for them. */
const maxKeys = 200_000
const secretBytes = 32
const form = /^th_(device|gateway|viewer|operator|admin)_([a-z0-9]{12})_([A-Za-z0-9_-]{43})$/
/** Compared with when there is no such key, so that a wrong id takes as long as a wrong secret. */
const nobody = randomBytes(32)

export function createKeys({
  records,
  clock,
  log,
}: {
  records: Pick<Records, 'keys'>
  clock: Pick<Clock, 'now'>
  log: Log
}) {
  const byId = new Map<string, KeyRecord>()
  const revokedListeners = new Set<(keyId: string) => void>()
  let used = new Map<string, number>()

  function usable(key: KeyRecord | undefined): key is KeyRecord {
    return (
      key !== undefined && key.revokedAt === undefined && (key.expiresAt === undefined || key.expiresAt > clock.now())
    )
  }

  return {
    /** Reads all keys; call once before `verify`. */
    async load(): Promise<void> {
      for (const key of await records.keys.all()) byId.set(key.id, key)
    },

    /**
     * Makes a key; `secret` of the answer (`th_<kind>_<id>_<secret>`) is not to be had again. HubError `bad-request` when
     * `device` and `kind` do not fit or `expiresAt` is over, `conflict` when there are too many keys.
     */
    async create(wanted: NewKey): Promise<CreatedKey> {
      const errors = problemsOf(wanted, clock.now())
      if (errors.length > 0) throw new HubError('bad-request', 'This key cannot be made.', { errors })
      if (byId.size >= maxKeys) throw new HubError('conflict', `This hub keeps ${maxKeys} keys at most.`)
      const id = randomId()
      const secret = randomBytes(secretBytes).toString('base64url')
      const info: KeyInfo = { id, ...pick(wanted), createdAt: clock.now() }
      const record = { ...info, hash: sha256(secret).toString('hex') }
      await records.keys.save(record)
      byId.set(id, record)
      return { ...info, secret: `th_${wanted.kind}_${id}_${secret}` }
    },

    /**
     * Who this secret belongs to. HubError `unauthenticated`, in the same words and time, for one that is malformed,
     * unknown, wrong, revoked or expired.
     */
    verify(secret: string): Caller {
      const [, kind, id, text] = form.exec(secret) ?? []
      const key = id === undefined ? undefined : byId.get(id)
      const expected = key ? Buffer.from(key.hash, 'hex') : nobody
      const given = sha256(text ?? '')
      const matches = expected.length === given.length && timingSafeEqual(expected, given)
      if (!matches || !usable(key) || key.kind !== kind)
        throw new HubError('unauthenticated', 'This key is not known here, or no longer valid.')
      used.set(key.id, clock.now())
      return { keyId: key.id, kind: key.kind, name: key.name, ...(key.device !== undefined && { device: key.device }) }
    },

    /** Whether a key that was verified earlier still stands. */
    isActive(id: string): boolean {
      return usable(byId.get(id))
    },

    /** Newest first, revoked ones included. */
    list(): KeyInfo[] {
      return [...byId.values()].map((key) => infoOf(key, used.get(key.id))).sort((a, b) => b.createdAt - a.createdAt)
    },

    /** Ends a key for good; again: the same answer. HubError `not-found`. */
    async revoke(id: string): Promise<KeyInfo> {
      const key = byId.get(id)
      if (!key) throw new HubError('not-found', 'There is no key with this id.')
      const revoked = { ...key, revokedAt: key.revokedAt ?? clock.now() }
      // Refused from this moment, whatever the disk does; what holds links of this key is told at once.
      byId.set(id, revoked)
      if (key.revokedAt === undefined) for (const listener of revokedListeners) listener(id)
      await records.keys.save(revoked)
      return infoOf(revoked)
    },

    /** Called with the id of each key as it is revoked: whoever holds links of it ends them. Returns the unsubscribe. */
    onRevoked(listener: (keyId: string) => void): () => void {
      revokedListeners.add(listener)
      return () => revokedListeners.delete(listener)
    },

    /** Hands the times of last use to the records. Never throws: they are a courtesy. */
    async flush(): Promise<void> {
      if (used.size === 0) return
      const batch = used
      used = new Map()
      for (const [id, lastUsedAt] of batch) {
        const key = byId.get(id)
        if (key) byId.set(id, { ...key, lastUsedAt })
      }
      await records.keys.touch(batch).catch((error: unknown) => log.warn('last use of keys not kept', { error }))
    },
  }
}

function problemsOf(wanted: NewKey, now: number): Pointed[] {
  const errors: Pointed[] = []
  if (wanted.kind === 'device' && wanted.device === undefined)
    errors.push({ pointer: '/device', detail: 'A device key speaks for one device: name it.' })
  if (wanted.kind !== 'device' && wanted.device !== undefined)
    errors.push({ pointer: '/device', detail: `A ${wanted.kind} key is not bound to a device: leave it out.` })
  if (wanted.expiresAt !== undefined && wanted.expiresAt <= now)
    errors.push({ pointer: '/expiresAt', detail: 'This time is already over.' })
  return errors
}

function pick({ kind, name, device, expiresAt }: NewKey): NewKey {
  return { kind, name, ...(device !== undefined && { device }), ...(expiresAt !== undefined && { expiresAt }) }
}

function infoOf({ hash: _, ...info }: KeyRecord, lastUsedAt?: number): KeyInfo {
  return lastUsedAt === undefined ? info : { ...info, lastUsedAt }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** 12 characters of 36: 62 bits, so ids never meet by chance. */
function randomId(): string {
  return Array.from(randomBytes(12), (byte) => (byte % 36).toString(36)).join('')
}
