// Shows when `npm start` and `npm test` install packages, and that an old Node is told so.

import { describe, expect, it } from 'vitest'
import { checkNode, isStale } from './install.mjs'

const lock = (packages: Record<string, object>) => ({ packages: { '': { version: '0.1.0' }, hub: {}, ...packages } })
const ws8 = { 'node_modules/ws': { version: '8.0.0' } }

describe('packages are installed', () => {
  it('when there are none', () => expect(isStale(lock(ws8), undefined)).toBe(true))
  it('when one has another version', () => {
    expect(isStale(lock({ 'node_modules/ws': { version: '8.1.0' } }), lock(ws8))).toBe(true)
  })
  it('when one is missing', () => expect(isStale(lock(ws8), lock({}))).toBe(true))
})

describe('packages are left alone', () => {
  it('when they are those of the lock file', () => expect(isStale(lock(ws8), lock(ws8))).toBe(false))
  it('when only one for another platform is missing', () => {
    const windowsOnly = { 'node_modules/@esbuild/win32-x64': { version: '1.0.0', optional: true } }
    expect(isStale(lock({ ...ws8, ...windowsOnly }), lock(ws8))).toBe(false)
  })
})

it('refuses a Node that is too old, with both versions', () => {
  expect(() => checkNode('20.18.3')).toThrow('needs Node 20.19 or newer; this is 20.18.3')
  expect(() => checkNode('20.19.0')).not.toThrow()
  expect(() => checkNode('22.1.0')).not.toThrow()
})
