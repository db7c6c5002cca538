// The whole matrix of who may do what.

import { describe, expect, it } from 'vitest'
import type { KeyKind, Role } from '../../protocol/index.ts'
import { type Action, allow, roleOf } from './grants.ts'

const answer = (kind: KeyKind, action: Action, grant?: Role) => {
  try {
    allow({ keyId: 'k', kind, name: 'n' }, action, grant)
    return 'yes'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('who may do what', () => {
  const actions = ['read', 'command', 'administer', 'ingest', 'register'] as const
  const yes = 'yes'
  const role = 'role-needed'
  const wrong = 'wrong-audience'
  it.each([
    ['device', [wrong, wrong, wrong, yes, wrong]],
    ['gateway', [wrong, wrong, wrong, yes, yes]],
    ['viewer', [yes, role, role, wrong, role]],
    ['operator', [yes, yes, role, wrong, role]],
    ['admin', [yes, yes, yes, wrong, yes]],
  ] as const)('%s', (kind, expected) => {
    expect(actions.map((action) => answer(kind, action))).toEqual(expected)
  })
})

it('caps every key by what the page is granted', () => {
  expect(answer('admin', 'command', 'viewer')).toBe('role-needed')
  expect(answer('admin', 'command', 'operator')).toBe('yes')
  expect(answer('viewer', 'command', 'admin')).toBe('role-needed')
  expect(roleOf({ keyId: 'k', kind: 'admin', name: 'n' }, 'viewer')).toBe('viewer')
  expect(roleOf({ keyId: 'k', kind: 'viewer', name: 'n' }, 'admin')).toBe('viewer')
})

it('says whether the key or the page is the limit', () => {
  const admin = { keyId: 'k', kind: 'admin', name: 'n' } as const
  expect(() => allow(admin, 'administer', 'viewer')).toThrowError(
    'Pages of this origin may be viewer at most; this needs admin.',
  )
  expect(() => allow({ ...admin, kind: 'viewer' }, 'command')).toThrowError(
    'This needs the role operator; this key has viewer.',
  )
})
