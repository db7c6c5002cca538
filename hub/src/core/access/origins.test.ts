// One policy for every door: what it lets in, what it refuses, and that nothing near an allowed origin gets through.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OriginEntry } from '../../protocol/index.ts'
import { createOrigins } from './origins.ts'

const clock = { now: () => 1_000 }

function recordsWith(...kept: OriginEntry[]) {
  const saved = new Map(kept.map((entry) => [entry.origin, { ...entry, addedAt: entry.addedAt ?? 1 }]))
  return {
    saved,
    origins: {
      all: async () => [...saved.values()],
      save: async (entry: OriginEntry & { addedAt: number }) => void saved.set(entry.origin, entry),
      remove: async (origin: string) => void saved.delete(origin),
    },
  }
}

const configured =
  'https://console.example.com https://*.ops.example.com https://wall.example.com=viewer http://localhost:5173'
const policy = () => createOrigins({ configured, records: recordsWith(), clock })

describe('judging an Origin header', () => {
  it.each([
    'https://console.example.com',
    'https://console.example.com:443',
    'https://berlin.ops.example.com',
    'https://xn--bcher-kva.ops.example.com',
    'http://localhost:5173',
  ])('lets %s in', (origin) => {
    expect(policy().judge(origin)).toEqual({ allowed: true, origin: origin.replace(':443', '') })
  })

  it.each([
    'https://console.example.com.evil.test',
    'https://evilconsole.example.com',
    'https://consoleXexample.com',
    'http://console.example.com',
    'https://console.example.com:8443',
    'https://console.example.com:0443',
    'https://console.example.com.',
    'https://console.example.com/',
    'https://CONSOLE.example.com',
    'https://console.example.com:443:443',
    'https://console.example.com, https://console.example.com',
    'https://evilops.example.com',
    'https://a.b.ops.example.com',
    'https://ops.example.com',
    'https://.ops.example.com',
    'https://*.ops.example.com',
    'https://x.ops.example.com:8443',
    'https://x.ops.example.com.evil.test',
    'https://evil.test#.ops.example.com',
    'https://evil.test/.ops.example.com',
    'https://user@x.ops.example.com',
    'http://x.ops.example.com',
    'https://192.0.2.7',
    'http://localhost',
    'http://localhost:51730',
    'http://localhost.evil.test',
    'http://127.0.0.1.nip.io',
    'file://',
    '',
    ' ',
    'undefined',
    '*',
  ])('keeps %j out', (origin) => {
    expect(policy().judge(origin)).toMatchObject({ allowed: false, code: 'origin-not-allowed' })
  })

  it('tells "null" and a missing header apart', () => {
    expect(policy().judge('null')).toMatchObject({ allowed: false, code: 'origin-null' })
    expect(policy().judge(undefined)).toMatchObject({ allowed: false, code: 'origin-missing' })
  })

  it('hands out the grant of the origin', () => {
    expect(policy().judge('https://wall.example.com')).toMatchObject({ allowed: true, grant: 'viewer' })
  })

  it('names the refused origin and the line that would allow it, and nothing else that is allowed', () => {
    const verdict = policy().judge('https://console.example.org')
    expect(verdict).toEqual({
      allowed: false,
      code: 'origin-not-allowed',
      detail: 'The origin https://console.example.org is not allowed by this hub.',
      fix: 'telehub origins add https://console.example.org',
    })
  })

  it('shows no control characters of a strange origin', () => {
    const verdict = policy().judge('https://a\u0007\u202e.test\n')
    expect(verdict).toMatchObject({ detail: expect.stringContaining('https://a\\u{7}\\u{202e}.test\\u{a}') })
  })
})

describe('thousands of origins near an allowed one', () => {
  const allowed = ['https://console.example.com', 'https://berlin.ops.example.com', 'http://localhost:5173']
  const exactly = new Set([...allowed, 'https://console.example.com:443', 'https://berlin.ops.example.com:443'])
  const oneLabel = /^https:\/\/[a-z0-9_-]+\.ops\.example\.com(?::443)?$/
  const mayPass = (origin: string) =>
    exactly.has(origin) || origin === 'https://wall.example.com' || oneLabel.test(origin)

  const edit = fc.record({
    base: fc.constantFrom(...allowed),
    place: fc.nat(40),
    cut: fc.nat(3),
    put: fc.oneof(
      fc.string({ maxLength: 4 }),
      fc.constantFrom(
        '.',
        '/',
        '@',
        '#',
        '?',
        '\\',
        ':',
        ':443',
        '*',
        '%2e',
        '\u0000',
        '\n',
        '。',
        '.evil.test',
        'evil',
        ' ',
        'ß',
        '\u00ad',
      ),
    ),
  })

  it('let only exactly the allowed ones pass', () => {
    const { judge } = policy()
    fc.assert(
      fc.property(edit, ({ base, place, cut, put }) => {
        const origin = base.slice(0, place) + put + base.slice(place + cut)
        expect(judge(origin).allowed, origin).toBe(mayPass(origin))
      }),
      { numRuns: 20_000 },
    )
  })

  it('are refused whatever text is sent', () => {
    const { judge } = policy()
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(judge(text).allowed).toBe(mayPass(text))
      }),
      { numRuns: 5_000 },
    )
  })

  it('never fool the wildcard: what it lets in is one label under its domain for a URL parser too', () => {
    const { judge } = policy()
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), (label) => {
        const origin = `https://${label}.ops.example.com`
        if (!judge(origin).allowed) return
        const { hostname } = new URL(origin)
        expect(hostname.endsWith('.ops.example.com') && hostname.split('.')).toHaveLength(4)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('the list', () => {
  it('refuses to start with bad values, and lists all of them', () => {
    const start = () =>
      createOrigins({ configured: '* https://ok.test a.test https://b.test/', records: recordsWith(), clock })
    expect(start).toThrowError(
      /\*: a list is needed[\s\S]*a\.test: write https:\/\/a\.test[\s\S]*did you mean https:\/\/b\.test/,
    )
    expect(start).toThrowError(expect.objectContaining({ code: 'origin-invalid' }))
  })

  it('allows an added origin at once, and after a restart', async () => {
    const records = recordsWith()
    const origins = createOrigins({ configured: '', records, clock })
    await origins.add('https://New.test=operator')
    expect(origins.judge('https://new.test')).toEqual({ allowed: true, origin: 'https://new.test', grant: 'operator' })

    const restarted = createOrigins({ configured: '', records, clock })
    await restarted.load()
    expect(restarted.list()).toEqual([
      { origin: 'https://new.test', grant: 'operator', source: 'records', addedAt: 1_000 },
    ])
  })

  it('refuses to add what is no origin, and says what to write', async () => {
    await expect(policy().add('new.test')).rejects.toMatchObject({
      code: 'origin-invalid',
      message: 'new.test: write https://new.test',
    })
  })

  it('forbids a removed origin at once and announces it', async () => {
    const records = recordsWith({ origin: 'http://a.test', source: 'records' })
    const origins = createOrigins({ configured: '', records, clock })
    await origins.load()
    const removed: string[] = []
    origins.onRemoved((origin) => removed.push(origin))

    expect(await origins.remove('http://a.test')).toBe(true)

    expect(origins.judge('http://a.test').allowed).toBe(false)
    expect(removed).toEqual(['http://a.test'])
    expect(records.saved.size).toBe(0)
    expect(await origins.remove('http://a.test')).toBe(false)
  })

  it('announces an origin whose grant changed, so that its sockets do not keep the old one', async () => {
    const origins = policy()
    await origins.add('https://a.test')
    const removed: string[] = []
    origins.onRemoved((origin) => removed.push(origin))
    await origins.add('https://a.test=viewer')
    expect(removed).toEqual(['https://a.test'])
  })

  it('leaves what the environment set to the environment', async () => {
    await expect(policy().remove('https://console.example.com')).rejects.toMatchObject({ code: 'conflict' })
    await expect(policy().add('https://console.example.com=viewer')).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('the nearest allowed origin', () => {
  it.each([
    ['http://console.example.com', 'https://console.example.com', 'the scheme'],
    ['https://console.example.com:8443', 'https://console.example.com', 'the port'],
    ['http://localhost:3000', 'http://localhost:5173', 'the port'],
    ['http://127.0.0.1:5173', 'http://localhost:5173', 'browsers tell them apart'],
    ['https://www.console.example.com', 'https://console.example.com', 'www.'],
    ['https://ops.example.com', 'https://*.ops.example.com', 'the domain itself'],
    ['https://a.b.ops.example.com', 'https://*.ops.example.com', 'one label, not 2'],
    ['https://consle.example.com', 'https://console.example.com', 'the host'],
  ])('of %s is %s: differs in %s', (origin, nearest, words) => {
    expect(policy().nearest(origin)).toEqual({ origin: nearest, differsIn: expect.stringContaining(words) })
  })

  it('is none when nothing is alike', () => {
    expect(policy().nearest('https://shop.test')).toBeUndefined()
  })
})
