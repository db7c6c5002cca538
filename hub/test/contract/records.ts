// What every Records must do, whatever it is made of.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { AuditEntry, CommandFilter, DeviceRecord, KeyRecord, Records } from '../../src/core/ports.ts'
import type { Command, CommandState } from '../../src/protocol/index.ts'
import { sampleCommand as command } from './sample-command.ts'

/** `open` is called again with the same folder to see what is left after a close. */
export function recordsContract(name: string, open: (dir: string) => Promise<Records>): void {
  function createStand() {
    const dir = mkdtempSync(join(tmpdir(), 'telehub-records-'))
    let records: Records | undefined
    onTestFinished(async () => {
      await records?.close()
      rmSync(dir, { recursive: true, force: true })
    })
    return async (): Promise<Records> => {
      await records?.close()
      records = await open(dir)
      return records
    }
  }

  describe(`records: ${name}`, () => {
    it('keeps devices whole, over a restart, the newest save of each', async () => {
      const reopen = createStand()
      const { devices } = await reopen()

      await devices.save([device('pump-1'), device('pump-2')])
      await devices.save([{ ...device('pump-1'), version: 2, name: 'Pump' }])
      await devices.save([{ ...device('pump-2'), removedAt: 5_000 }])

      expect(await (await reopen()).devices.all()).toEqual([
        { ...device('pump-1'), version: 2, name: 'Pump' },
        { ...device('pump-2'), removedAt: 5_000 },
      ])
    })

    it('keeps keys, over a restart, and when they were last used', async () => {
      const reopen = createStand()
      const { keys } = await reopen()

      await keys.save(key)
      await keys.save({ ...key, id: 'k2', device: 'pump-1', expiresAt: 5_000 })
      await keys.save({ ...key, id: 'k2', device: 'pump-1', expiresAt: 5_000, revokedAt: 4_000 })
      await keys.touch(new Map([['k1', 3_000]]))
      await keys.touch(
        new Map([
          ['k1', 2_000],
          ['nobody', 1],
        ]),
      )

      const reopened = await reopen()
      expect(await reopened.keys.all()).toEqual([
        { ...key, lastUsedAt: 3_000 },
        { ...key, id: 'k2', device: 'pump-1', expiresAt: 5_000, revokedAt: 4_000 },
      ])
      expect(await reopened.keys.find('k1')).toEqual({ ...key, lastUsedAt: 3_000 })
      expect(await reopened.keys.find('nobody')).toBeUndefined()
    })

    it('keeps origins with their grants, over a restart', async () => {
      const reopen = createStand()
      const { origins } = await reopen()

      await origins.save({ origin: 'https://a.test', source: 'records', addedAt: 1 })
      await origins.save({ origin: 'https://b.test', source: 'records', grant: 'viewer', addedAt: 2 })
      await origins.save({ origin: 'https://c.test', source: 'records', addedAt: 3 })
      await origins.save({ origin: 'https://a.test', source: 'records', grant: 'operator', addedAt: 1 })
      await origins.remove('https://c.test')

      expect(await (await reopen()).origins.all()).toEqual([
        { origin: 'https://a.test', grant: 'operator', addedAt: 1 },
        { origin: 'https://b.test', grant: 'viewer', addedAt: 2 },
      ])
    })

    it('keeps when the hub lived, and gaps of a device and of all, over a restart', async () => {
      const reopen = createStand()
      const { life } = await reopen()
      expect(await life.lastAlive()).toBeUndefined()

      await life.alive(1_000)
      await life.alive(2_000)
      await life.save([
        { device: 'pump-1', reason: 'device-offline', from: 300 },
        { device: 'pump-2', reason: 'device-offline', from: 300, to: 400 },
        { reason: 'hub-down', from: 100, to: 200 },
      ])
      await life.save([{ device: 'pump-1', reason: 'device-offline', from: 300, to: 500 }])
      await life.save([{ device: 'pump-1', reason: 'device-offline', from: 700 }])

      const { life: reopened } = await reopen()
      expect(await reopened.lastAlive()).toBe(2_000)
      const hubDown = { reason: 'hub-down', from: 100, to: 200 }
      const first = { device: 'pump-1', reason: 'device-offline', from: 300, to: 500 }
      const second = { device: 'pump-1', reason: 'device-offline', from: 700 }
      const ofPump = { device: 'pump-1', limit: 10 }
      expect(await reopened.gaps({ ...ofPump, from: 0, to: 1_000 })).toEqual([hubDown, first, second])
      expect(await reopened.gaps({ ...ofPump, from: 200, to: 500 })).toEqual([first])
      expect(await reopened.gaps({ ...ofPump, from: 0, to: 1_000, limit: 1 })).toEqual([hubDown])
      expect(await reopened.open()).toEqual([second])
      await reopened.forget('pump-1')
      expect(await reopened.gaps({ ...ofPump, from: 0, to: 1_000 })).toEqual([hubDown])
    })

    it('keeps a command with its whole life, over a restart', async () => {
      const reopen = createStand()
      const { commands } = await reopen()
      const ended: Command = {
        ...command('c1'),
        state: 'succeeded',
        result: { rpm: 1200, notes: ['a', null] },
        changes: [
          { state: 'sent', at: 1 },
          { state: 'succeeded', at: 2 },
        ],
      }

      await commands.save(command('c1'))
      await commands.save(ended)

      const reopened = await reopen()
      expect(await reopened.commands.find('c1')).toEqual(ended)
      expect(await reopened.commands.find('c2')).toBeUndefined()
    })

    it('finds a command by the idempotency key of its own caller only', async () => {
      const { commands } = await createStand()()
      const first = { ...command('c1'), idempotencyKey: 'once' }
      await commands.save(first)
      await commands.save(command('c2'))
      await commands.save({ ...first, state: 'sent' })

      expect(await commands.findIdempotent('k1', 'once')).toEqual({ ...first, state: 'sent' })
      expect(await commands.findIdempotent('k2', 'once')).toBeUndefined()
      expect(await commands.findIdempotent('k1', 'twice')).toBeUndefined()
    })

    it('never keeps two commands under one idempotency key, and harms no other save', async () => {
      const { commands } = await createStand()()

      const answers = await Promise.allSettled([
        commands.save({ ...command('c1'), idempotencyKey: 'once' }),
        commands.save({ ...command('c2'), idempotencyKey: 'once' }),
        commands.save(command('c3')),
      ])

      expect(answers).toMatchObject([
        { status: 'fulfilled' },
        { status: 'rejected', reason: { code: 'idempotency-conflict' } },
        { status: 'fulfilled' },
      ])
      expect((await commands.list({ limit: 10 })).map(({ id }) => id)).toEqual(['c3', 'c1'])
    })

    it.each<[string, Partial<CommandFilter>, string[]]>([
      ['nothing', {}, ['c5', 'c4', 'c3', 'c2', 'c1']],
      ['device', { device: 'pump-2' }, ['c4', 'c2']],
      ['state', { state: 'failed' }, ['c5']],
      ['name', { name: 'reboot' }, ['c3']],
      ['actor', { actor: 'k9' }, ['c4']],
      ['time', { from: 2, to: 4 }, ['c3', 'c2']],
      ['what was seen already', { before: 'c3' }, ['c2', 'c1']],
      ['a limit', { limit: 2 }, ['c5', 'c4']],
      ['all at once', { device: 'pump-2', actor: 'k1', state: 'queued', from: 0, before: 'c4' }, ['c2']],
    ])('lists commands newest first, by %s', async (_, filter, ids) => {
      const { commands } = await createStand()()
      await commands.save({ ...command('c2'), at: 2, device: 'pump-2' })
      await commands.save({ ...command('c1'), at: 1 })
      await commands.save({ ...command('c3'), at: 3, name: 'reboot' })
      await commands.save({ ...command('c4'), at: 4, device: 'pump-2', by: { ...command('c4').by, key: 'k9' } })
      await commands.save({ ...command('c5'), at: 5, state: 'failed' })

      expect((await commands.list({ limit: 100, ...filter })).map(({ id }) => id)).toEqual(ids)
    })

    it('knows the commands that have not ended, oldest first', async () => {
      const { commands } = await createStand()()
      for (const [i, state] of states.entries()) await commands.save({ ...command(`c${90 - i}`), state })

      expect((await commands.open()).map(({ state }) => state)).toEqual(['running', 'delivered', 'sent', 'queued'])
    })

    it('keeps the audit in order, page by page, over a restart', async () => {
      const reopen = createStand()
      const { audit } = await reopen()
      const entries: AuditEntry[] = Array.from({ length: 5 }, (_, n) => ({ at: n, action: `a${n}`, result: 'ok' }))
      const whole = { at: 9, actor: 'k1', origin: 'https://a.test', action: 'x', target: 'y', result: 'z', detail: 'd' }

      for (const entry of [...entries, whole]) await audit.append(entry)

      const reopened = (await reopen()).audit
      const first = await reopened.list({ limit: 2 })
      const second = await reopened.list({ limit: 10, before: first[1]?.id })
      expect(first).toMatchObject([whole, entries[4]!])
      expect(second.map(({ action }) => action)).toEqual(['a3', 'a2', 'a1', 'a0'])
      expect(second[0]).toEqual({ id: expect.any(Number), ...entries[3] })
    })

    it.each(hostile)('keeps any text as it is: %j', async (_, text) => {
      const reopen = createStand()
      const records = await reopen()
      const odd = { ...command(text), device: text, name: text, idempotencyKey: text, params: { [text]: text } }
      odd.by = { ...odd.by, key: text }
      const entry = { at: 1, action: text, result: text, detail: text }

      await records.devices.save([{ ...device(text), notes: text }])
      await records.keys.save({ ...key, id: text, name: text })
      await records.origins.save({ origin: text, source: 'records', addedAt: 1 })
      await records.commands.save(odd)
      await records.audit.append(entry)

      const reopened = await reopen()
      expect(await reopened.devices.all()).toEqual([{ ...device(text), notes: text }])
      expect(await reopened.keys.find(text)).toEqual({ ...key, id: text, name: text })
      expect(await reopened.origins.all()).toEqual([{ origin: text, addedAt: 1 }])
      const filter = { device: text, name: text, actor: text, limit: 10 }
      expect(await reopened.commands.list(filter)).toEqual([odd])
      expect(await reopened.commands.findIdempotent(text, text)).toEqual(odd)
      expect(await reopened.audit.list({ limit: 1 })).toMatchObject([entry])
    })

    it('keeps many saves that come at once', async () => {
      const { commands } = await createStand()()

      await Promise.all(Array.from({ length: 500 }, (_, n) => commands.save(command(`c${n}`))))

      expect(await commands.list({ limit: 1_000 })).toHaveLength(500)
    })

    it('finishes what it was given before it was closed, and takes nothing after', async () => {
      const reopen = createStand()
      const { commands, close } = await reopen()

      const saved = commands.save(command('c1'))
      await close()

      await saved
      await expect(commands.save(command('c2'))).rejects.toMatchObject({ name: 'HubError' })
      expect(await (await reopen()).commands.find('c1')).toEqual(command('c1'))
    })
  })
}

const hostile = [
  "'; DROP TABLE commands; --",
  "x' OR 1=1 --",
  '"; DELETE FROM keys; --',
  '%_\\',
  '日本語 🙂 \u202e',
  'a'.repeat(32_767),
].map((text) => [text.slice(0, 40), text] as const)

const states: CommandState[] = [
  'queued',
  'sent',
  'delivered',
  'running',
  'succeeded',
  'failed',
  'rejected',
  'timed-out',
  'expired',
  'cancelled',
  'unknown',
]

const key: KeyRecord = { id: 'k1', kind: 'operator', name: 'Ann', createdAt: 1_000, hash: 'f'.repeat(64) }

function device(id: string): DeviceRecord {
  return {
    id,
    createdAt: 1_000,
    version: 1,
    profile: { type: 'pump', metrics: { temperature: { type: 'number', unit: '°C' } } },
    types: { temperature: 'number' },
    latest: { temperature: { at: 1_000, value: 21.5 } },
  }
}
