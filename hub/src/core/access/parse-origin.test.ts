// The table of configured values in the security design, value by value.

import { describe, expect, it } from 'vitest'
import { fixFor, parseOrigin, splitOrigins } from './parse-origin.ts'

describe('an origin that is meant to be allowed', () => {
  it.each([
    ['https://a.test', 'https://a.test'],
    ['HTTPS://A.test:443', 'https://a.test'],
    ['https://a.test:8443', 'https://a.test:8443'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
    ['https://*.ops.example.com', 'https://*.ops.example.com'],
    ['https://*.ops.example.com:8443', 'https://*.ops.example.com:8443'],
    ['http://localhost:5173', 'http://localhost:5173'],
    ['http://127.0.0.1:5173', 'http://127.0.0.1:5173'],
    ['http://[::1]:5173', 'http://[::1]:5173'],
    ['http://console.localhost', 'http://console.localhost'],
    ['insecure:http://a.test', 'http://a.test'],
    ['insecure:http://*.plant.lan', 'http://*.plant.lan'],
    ['https://192.0.2.7', 'https://192.0.2.7'],
    ['https://localhost', 'https://localhost'],
  ])('%s is accepted as %s', (input, origin) => {
    expect(parseOrigin(input)).toEqual({ ok: true, origin })
  })

  it('may carry a grant', () => {
    expect(parseOrigin('https://wall.example.com=viewer')).toEqual({
      ok: true,
      origin: 'https://wall.example.com',
      grant: 'viewer',
    })
  })
})

describe('a value that is refused says what to write', () => {
  it.each([
    ['*', 'a list is needed'],
    ['null', 'a list is needed'],
    ['file:///home/me/page.html', 'a list is needed'],
    ['https://a.test/', 'did you mean https://a.test'],
    ['https://a.test/console?x=1#y', 'did you mean https://a.test'],
    ['https://a.test?tag=viewer', 'did you mean https://a.test'],
    ['https://a.test\\b', 'did you mean https://a.test'],
    ['a.test', 'write https://a.test'],
    ['a.test:8443', 'write https://a.test:8443'],
    ['a.test=viewer', 'write https://a.test'],
    ['localhost:5173', 'write http://localhost:5173'],
    ['wss://a.test', 'write https://a.test'],
    ['ftp://a.test', 'only http and https'],
    ['chrome-extension://abcdef', 'only http and https'],
    ['https://*', 'trust every page on the web'],
    ['https://*:8443', 'trust every page on the web'],
    ['https://*.com', "everybody's pages under .com"],
    ['https://*.co.uk', 'anybody can get a page under co.uk'],
    ['https://*.github.io', 'anybody can get a page under github.io'],
    ['https://a.*.com', 'one whole label and only in front'],
    ['https://*a.com', 'one whole label and only in front'],
    ['https://*.*.a.com', 'one whole label and only in front'],
    ['https://*.0.0.1', 'not a host name'],
    ['https://me:pw@a.test', 'did you mean https://a.test'],
    ['https://a.test.', 'ends with a dot: did you mean https://a.test'],
    ['https://a..test', 'not a host name'],
    ['https://', 'not a host name'],
    ['https://a.test:99999', 'not a host name'],
    ['https://a.te\tst', 'not a host name'],
    ['', 'as in https://a.test'],
    ['http://a.test', 'write https://a.test, or insecure:http://a.test'],
    ['http://localhost.evil.test', 'insecure:'],
    ['http://127.0.0.1.nip.io', 'insecure:'],
    ['insecure:https://a.test', 'write https://a.test'],
    ['https://a.test=root', 'write one of viewer, operator, admin'],
  ])('%s: %s', (input, words) => {
    expect(parseOrigin(input)).toEqual({ ok: false, problem: expect.stringContaining(words) })
  })

  it('never suggests what it would refuse itself', () => {
    const inputs = [
      'https://a.test/',
      'a.test',
      'HTTPS://B.test./x',
      'wss://c.test/ws',
      'ws://c.test',
      'https://u@d.test',
      'http://e.test/',
    ]
    for (const input of [
      ...inputs,
      'f.test.:8443',
      'localhost.',
      'insecure:http://g.test/',
      'insecure:https://h.test/',
    ]) {
      const parsed = parseOrigin(input)
      const suggestion = parsed.ok ? '' : (/(?:write|did you mean) (\S+?),?(?: |$)/.exec(parsed.problem)?.[1] ?? '')
      expect(parseOrigin(suggestion), `${input} → ${suggestion}`).toMatchObject({ ok: true })
    }
  })
})

it('splits a list at commas and white space', () => {
  expect(splitOrigins(' https://a.test,https://b.test\n https://c.test ,')).toEqual([
    'https://a.test',
    'https://b.test',
    'https://c.test',
  ])
})

it('gives the line that would allow an origin', () => {
  expect(fixFor('https://a.test')).toBe('telehub origins add https://a.test')
  expect(fixFor('http://a.test')).toBe('telehub origins add insecure:http://a.test')
  expect(fixFor('https://a.test; rm -rf /')).toBeUndefined()
})
