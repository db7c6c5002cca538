// Options from flags and environment: complete, or all problems at once.

import { describe, expect, it } from 'vitest'
import { type Flags, readOptions, type UsageError } from './options.ts'

const usual: Flags = {
  profile: 'pump,thermostat,meter,freezer',
  transport: 'ws',
  every: '1s',
  jitter: '10%',
  ramp: '100/s',
  batch: '1',
  format: 'json',
  seed: '1',
  start: '2026-01-01T00:00:00Z',
  url: 'http://127.0.0.1:8080',
  mqttUrl: 'mqtt://127.0.0.1:1883',
  key: 'th_gateway_k_s',
  hostId: 'host',
  commandDelay: '100ms',
  commandFailure: '0%',
}

const read = (flags: Partial<Flags> = {}, env = {}, files: Record<string, string> = {}) =>
  readOptions({ ...usual, ...flags }, env, (path) => files[path])

function problemsOf(flags: Partial<Flags>): readonly string[] {
  try {
    read(flags)
    return []
  } catch (error) {
    return (error as UsageError).problems
  }
}

describe('options', () => {
  it('are those of the help text when nothing is said', () => {
    expect(read()).toMatchObject({
      fleet: { devices: 4, rampPerSecond: 100 },
      rhythm: { everyMs: 1_000, jitter: 0.1, batch: 1 },
      commands: { delayMs: 100, failureRate: 0 },
      seed: 1,
      durationMs: Infinity,
      dryRun: false,
    })
  })

  it('are read from what people write', () => {
    const options = read({
      devices: '20',
      profile: 'pump*3,meter',
      transport: 'ws:80,mqtt:20',
      every: '250ms',
      duration: '10m',
    })

    expect(options).toMatchObject({
      fleet: {
        devices: 20,
        profiles: [
          { name: 'pump', weight: 3 },
          { name: 'meter', weight: 1 },
        ],
        transports: [
          { name: 'ws', weight: 80 },
          { name: 'mqtt', weight: 20 },
        ],
      },
      rhythm: { everyMs: 250 },
      durationMs: 600_000,
    })
  })

  it('say everything that is wrong at once', () => {
    expect(problemsOf({ devices: '0', profile: 'pmup', every: 'often', format: 'xml', url: '127.0.0.1:8080' })).toEqual(
      [
        '--profile does not know "pmup". Did you mean pump?',
        '--devices takes a whole number from 1 to 100000, not "0".',
        '--every takes a time like 500ms, 1s, 10m or 2h, 10ms at least, not "often".',
        '--url takes an address that begins with http:// or https://, not "127.0.0.1:8080".',
        '--format is json or msgpack, not "xml".',
      ],
    )
  })

  it.each<[Partial<Flags>, RegExp]>([
    [{ jitter: '95%' }, /--jitter takes a share like 10%, up to 90%/],
    [{ ramp: '0/s' }, /--ramp takes a rate/],
    [{ batch: '1000' }, /--batch takes a whole number from 1 to 256/],
    [{ seed: '-1' }, /--seed takes a whole number/],
    [{ start: 'yesterday' }, /--start takes a time/],
    [{ hostId: 'my host' }, /--host-id takes/],
    [{ mqttUrl: 'tcp://127.0.0.1' }, /--mqtt-url takes an address that begins with mqtt:/],
    [{ profile: 'host', devices: '2' }, /The profile host is this one computer/],
    [{ profile: 'host,pump', dryRun: true }, /--dry-run shows models/],
  ])('refuse %j in words', (flags, words) => {
    expect(problemsOf(flags)).toEqual([expect.stringMatching(words)])
  })

  it('make a dry run end by itself, and ask it for no key', () => {
    expect(read({ dryRun: true, key: undefined })).toMatchObject({ durationMs: 60_000, key: '' })
  })

  it('take the key of the flag, else of the environment, else of the hub on this computer', () => {
    const files = {
      './data/keys/gateway.key': 'from-hub\n',
      '/elsewhere/keys/gateway.key': 'from-elsewhere',
      '/run/key': 'mounted',
    }

    expect(read({}, { TELEHUB_KEY: 'env' }, files).key).toBe('th_gateway_k_s')
    expect(read({ key: undefined }, { TELEHUB_KEY: 'env' }, files).key).toBe('env')
    expect(read({ key: undefined }, {}, files).key).toBe('from-hub')
    expect(read({ key: undefined }, { TELEHUB_KEY_FILE: '/run/key' }, files).key).toBe('mounted')
    expect(read({ key: undefined, dataDir: '/elsewhere' }, { TELEHUB_DATA_DIR: '/no' }, files).key).toBe(
      'from-elsewhere',
    )
  })

  it('say where a key was looked for when there is none', () => {
    expect(() => read({ key: undefined }, { TELEHUB_DATA_DIR: '/data' })).toThrow(
      'There is no key: give --key, set TELEHUB_KEY, or start the hub first, which writes /data/keys/gateway.key.',
    )
  })
})
