// The command line against a hub: what is printed where, and how it ends.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { allowedOrigin, type HttpHub, startHttpHub } from '../../test/http-hub.ts'
import { run } from './run.ts'
import { terminalOn } from './terminal.ts'

let hub: HttpHub
beforeAll(async () => {
  hub = await startHttpHub()
  await hub.devices.hello('pump-1', {
    type: 'pump',
    commands: {
      set_speed: { params: { type: 'object', properties: { rpm: { type: 'integer' }, note: { type: 'string' } } } },
      fail: {},
      sleep: {},
    },
  })
  hub.devices.attach('pump-1', {
    via: 'ws',
    close() {},
    deliver({ id, name, params }) {
      if (name === 'set_speed') void hub.commands.take('pump-1', { id, state: 'succeeded', result: params })
      if (name === 'fail')
        void hub.commands.take('pump-1', {
          id,
          state: 'failed',
          error: { code: 'jammed', message: 'The shaft is jammed.' },
        })
    },
  })
})
afterAll(() => hub.close())

/** A terminal whose two outputs can be read. */
function readable() {
  const written = { out: '', err: '' }
  const terminal = terminalOn(
    (text) => {
      written.out += text
    },
    (text) => {
      written.err += text
    },
  )
  return { written, terminal }
}

async function telehub(...args: string[]) {
  return telehubAt(`http://127.0.0.1:${hub.port}`, hub.secrets.admin, ...args)
}

async function telehubAt(url: string, key: string, ...args: string[]) {
  const { written, terminal } = readable()
  const code = await run(['--url', url, '--key', key, ...args], terminal)
  return { code, ...written }
}

describe('telehub origins', () => {
  it('adds, lists and removes', async () => {
    expect(await telehub('origins', 'add', 'https://new.test=viewer')).toEqual({
      code: 0,
      out: '',
      err: 'https://new.test is allowed now, as viewer at most.\n',
    })
    expect((await telehub('origins', 'list')).out).toMatch(
      /^ORIGIN +AT MOST +FROM +SINCE\n[\s\S]*https:\/\/new\.test +viewer +records +\d{4}-/,
    )
    expect(JSON.parse((await telehub('origins', 'list', '--json')).out)).toContainEqual(
      expect.objectContaining({ origin: 'https://new.test' }),
    )
    expect(await telehub('origins', 'remove', 'https://new.test')).toMatchObject({ code: 0 })
    expect(await telehub('origins', 'remove', 'https://new.test')).toMatchObject({
      code: 3,
      err: expect.stringContaining('not-found'),
    })
  })

  it('teaches what an origin is', async () => {
    expect(await telehub('origins', 'add', 'new.test')).toEqual({
      code: 2,
      out: '',
      err: 'new.test: write https://new.test (origin-invalid)\n',
    })
    expect(await telehub('origins', 'add', '*')).toMatchObject({
      code: 2,
      err: expect.stringContaining('a list is needed'),
    })
  })

  it('explains a verdict', async () => {
    expect(await telehub('origins', 'check', allowedOrigin)).toEqual({
      code: 0,
      out: `${allowedOrigin} is allowed.\n`,
      err: '',
    })
    expect(await telehub('origins', 'check', 'http://console.example.com/')).toMatchObject({ code: 2, out: '' })
    expect(await telehub('origins', 'check', 'http://console.example.com')).toEqual({
      code: 4,
      out: [
        'http://console.example.com is refused.',
        '  The origin http://console.example.com is not allowed by this hub.',
        '  https://console.example.com is allowed; it differs in the scheme (https, not http).',
        '  To allow it: telehub origins add insecure:http://console.example.com',
        '',
      ].join('\n'),
      err: '',
    })
    expect(await telehub('origins', 'check', 'null')).toMatchObject({
      code: 4,
      out: expect.stringContaining('sandboxed frame'),
    })
  })
})

describe('telehub keys', () => {
  it('prints the secret alone on stdout, and lists and revokes the key', async () => {
    const created = await telehub('keys', 'create', '--kind', 'viewer', '--name', 'wallboard', '--expires', '30d')
    expect(created).toMatchObject({ code: 0, out: expect.stringMatching(/^th_viewer_[a-z0-9]{12}_\S{43}\n$/) })
    const id = created.out.split('_')[2] as string
    expect((await telehub('keys', 'list')).out).toMatch(new RegExp(`${id} +viewer +wallboard +– +.* active until`))
    expect(await telehub('keys', 'revoke', id)).toMatchObject({ code: 0, err: `Key ${id} (wallboard) is revoked.\n` })
    expect((await telehub('keys', 'list')).out).toMatch(new RegExp(`${id} .* revoked`))
  })

  it('ends with 2 for wrong usage, by commander or by the hub', async () => {
    expect(await telehub('keys', 'create', '--kind', 'root', '--name', 'x')).toMatchObject({ code: 2 })
    expect(await telehub('keys', 'create', '--kind', 'device', '--name', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('/device: A device key speaks for one device'),
    })
    expect(await telehub('keys', 'nonsense')).toMatchObject({ code: 2 })
  })

  it('ends with 4 when the key may not', async () => {
    const answer = await telehubAt(`http://127.0.0.1:${hub.port}`, hub.secrets.viewer, 'keys', 'list')
    expect(answer).toMatchObject({ code: 4, out: '', err: expect.stringContaining('role-needed') })
  })
})

describe('telehub devices', () => {
  it('lists, filtered by the hub', async () => {
    expect((await telehub('devices', 'list')).out).toMatch(/^ID +NAME[^\n]*\npump-1 +– +pump +\S+ +ws/)
    expect(JSON.parse((await telehub('devices', 'list', '--type', 'valve', '--json')).out)).toEqual([])
    expect(await telehub('devices', 'list', '--tag', 'none')).toEqual({ code: 0, out: '', err: 'No devices.\n' })
  })

  it('sends a command with parameters as the profile types them, and waits for its end', async () => {
    const { code, out } = await telehub(
      'devices',
      'send',
      'pump-1',
      'set_speed',
      '--param',
      'rpm=900',
      '--param',
      'note=42',
      '--wait',
      '--json',
    )
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ state: 'succeeded', result: { rpm: 900, note: '42' } })
  })

  it.each([
    [['pump-1', 'fail', '--wait', '5'], 5, 'The shaft is jammed. (jammed)'],
    [['pump-1', 'sleep', '--wait', '1'], 124, ''],
    [['pump-1', 'sleep'], 0, ''],
    [['pump-1', 'explode'], 3, 'unknown-command'],
    [['pump-9', 'sleep'], 3, 'not-found'],
    [['pump-1', 'set_speed', '--param', 'rpm=fast'], 2, 'bad-params'],
    [['pump-1', 'set_speed', '--param', 'rpm'], 2, 'write name=value'],
    [['pump-1', 'sleep', '--wait', '999'], 2, '1 to 60 seconds'],
  ])('%j ends with %i', async (args, code, words) => {
    expect(await telehub('devices', 'send', ...args)).toMatchObject({ code, err: expect.stringContaining(words) })
  })
})

describe('telehub dead-letters', () => {
  const letters = Array.from({ length: 3 }, (_, position) => ({
    id: `memory:${position}`,
    position,
    device: 'pump-1',
    metric: 'temperature',
    at: 1_700_000_000_000,
    value: position,
    receivedAt: 2,
    reason: 'cannot parse',
  }))

  it('lists, exports and retries', async () => {
    expect(await telehub('dead-letters', 'list')).toEqual({ code: 0, out: '', err: 'There are no dead letters.\n' })
    hub.deadLetters.letters.push(...letters)
    expect((await telehub('dead-letters', 'list')).out).toMatch(
      /^ID +DEVICE[^\n]*\nmemory:0 +pump-1 +temperature +2023-11-14 22:13:20 +0 +cannot parse/,
    )
    const { out } = await telehub('dead-letters', 'export')
    expect(
      out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(letters)
    expect(await telehub('dead-letters', 'retry', 'memory:1')).toEqual({
      code: 0,
      out: '',
      err: '1 stored, 0 refused again.\n',
    })
    expect(await telehub('dead-letters', 'retry', 'memory:1')).toMatchObject({ code: 3 })
    expect(JSON.parse((await telehub('dead-letters', 'retry', '--json')).out)).toEqual({ stored: 2, refused: 0 })
  })
})

it('says that nothing answers', async () => {
  const answer = await telehubAt('http://127.0.0.1:1', 'x', 'devices', 'list')
  expect(answer).toMatchObject({ code: 1, err: expect.stringContaining('Nothing answers at http://127.0.0.1:1') })
})

it('shows help with 0 and knows no other words', async () => {
  expect(await telehub('--help')).toMatchObject({ code: 0, out: expect.stringContaining('origins') })
  expect(await telehub('export')).toMatchObject({ code: 2, err: expect.stringContaining("unknown command 'export'") })
})
