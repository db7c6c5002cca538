// Keys: shown once, kept as hashes, refused in the same words whatever was wrong with them.

import { beforeEach, describe, expect, it } from 'vitest'
import type { KeyRecord } from '../ports.ts'
import { createKeys, type Keys } from './keys.ts'

const silent = { debug() {}, info() {}, warn() {}, error() {} }
let now: number
let saved: Map<string, KeyRecord>
let keys: Keys

function open(): Keys {
  const records = {
    keys: {
      all: async () => [...saved.values()],
      find: async (id: string) => saved.get(id),
      save: async (key: KeyRecord) => void saved.set(key.id, key),
      touch: async (used: ReadonlyMap<string, number>) => {
        for (const [id, lastUsedAt] of used) saved.set(id, { ...saved.get(id)!, lastUsedAt })
      },
    },
  }
  return createKeys({ records, clock: { now: () => now }, log: silent })
}

beforeEach(() => {
  now = 1_000_000
  saved = new Map()
  keys = open()
})

const refused = expect.objectContaining({
  code: 'unauthenticated',
  message: 'This key is not known here, or no longer valid.',
})

it('says who a key belongs to, also after a restart', async () => {
  const { id, secret } = await keys.create({ kind: 'device', name: 'Pump', device: 'pump-1' })
  expect(secret).toMatch(/^th_device_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/)

  const restarted = open()
  await restarted.load()
  expect(restarted.verify(secret)).toEqual({ keyId: id, kind: 'device', name: 'Pump', device: 'pump-1' })
})

it('keeps no secret, only a hash', async () => {
  const { secret } = await keys.create({ kind: 'admin', name: 'first' })
  expect(JSON.stringify([...saved.values()])).not.toContain(secret.slice(-43))
  expect(JSON.stringify(keys.list())).not.toMatch(/hash|secret/)
})

describe('a key that is refused in the same words', () => {
  const make = () => keys.create({ kind: 'viewer', name: 'wallboard' })

  it.each([
    ['empty', async () => ''],
    ['malformed', async () => 'hunter2'],
    ['unknown', async () => `th_viewer_abcdefghijkl_${'a'.repeat(43)}`],
    ['one character wrong', async () => (await make()).secret.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['of a kind it is not', async () => (await make()).secret.replace('viewer', 'admin')],
    ['with something behind it', async () => `${(await make()).secret} `],
  ])('%s', async (_, secretOf) => {
    const secret = await secretOf()
    expect(() => keys.verify(secret)).toThrowError(refused)
  })

  it('revoked', async () => {
    const { id, secret } = await make()
    await keys.revoke(id)
    expect(() => keys.verify(secret)).toThrowError(refused)
    expect(keys.isActive(id)).toBe(false)
  })

  it('expired', async () => {
    const { secret } = await keys.create({ kind: 'viewer', name: 'guest', expiresAt: now + 1_000 })
    expect(keys.verify(secret)).toMatchObject({ name: 'guest' })
    now += 1_000
    expect(() => keys.verify(secret)).toThrowError(refused)
  })
})

it('tells whoever holds links of a revoked key, once', async () => {
  const { id } = await keys.create({ kind: 'operator', name: 'Ann' })
  const heard: string[] = []
  keys.onRevoked((keyId) => heard.push(keyId))
  const first = await keys.revoke(id)
  now += 5
  expect(await keys.revoke(id)).toEqual(first)
  expect(heard).toEqual([id])
})

it('cannot revoke what does not exist', async () => {
  await expect(keys.revoke('nobody')).rejects.toMatchObject({ code: 'not-found' })
})

it.each([
  [{ kind: 'device', name: 'no device' }, '/device'],
  [{ kind: 'viewer', name: 'bound', device: 'pump-1' }, '/device'],
  [{ kind: 'viewer', name: 'over', expiresAt: 1 }, '/expiresAt'],
] as const)('refuses to make %j', async (wanted, pointer) => {
  await expect(keys.create(wanted)).rejects.toMatchObject({
    code: 'bad-request',
    errors: [expect.objectContaining({ pointer })],
  })
})

it('remembers when a key was last used', async () => {
  const { id, secret } = await keys.create({ kind: 'viewer', name: 'wallboard' })
  now += 60_000
  keys.verify(secret)
  expect(keys.list()[0]).toMatchObject({ id, lastUsedAt: 1_060_000 })
  await keys.flush()
  expect(saved.get(id)).toMatchObject({ lastUsedAt: 1_060_000 })
  expect(keys.list()[0]).toMatchObject({ lastUsedAt: 1_060_000 })
})
