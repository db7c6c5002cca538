// `telehub keys`: who may call the hub.

import { type Command, InvalidArgumentError, Option } from 'commander'
import { type CreatedKey, type KeyInfo, KeyKind, type KeyList } from '../protocol/index.ts'
import { type CommonOptions, isJson, requestOf } from './hub-of.ts'
import type { Group } from './run.ts'
import { timeText } from './terminal.ts'

interface NewKeyOptions extends CommonOptions {
  readonly kind: KeyKind
  readonly name: string
  readonly device?: string
  readonly expires?: number
}

export const keyCommands: Group = (program, { action, terminal }) => {
  const group = program.command('keys').description('Keys of devices, gateways and people.')

  group
    .command('create')
    .description('Make a key. Its secret is printed on stdout, now and never again.')
    .addOption(new Option('--kind <kind>', 'what it is for').choices(KeyKind.options).makeOptionMandatory())
    .requiredOption('--name <name>', 'whose it is')
    .option('--device <id>', 'the device that a key of kind device speaks for')
    .option('--expires <when>', 'a date, or 30d, 12h', readExpiry)
    .action(
      action(async ({ kind, name, device, expires }: NewKeyOptions, command: Command) => {
        const request = await requestOf(command)
        const created = await request<CreatedKey>('POST', '/keys', { kind, name, device, expiresAt: expires })
        if (isJson(command)) return terminal.json(created)
        terminal.note(`Key ${created.id}, kind ${kind}, for ${name}. Keep its secret: it is not shown again.`)
        terminal.out(`${created.secret}\n`)
      }),
    )

  group
    .command('list')
    .description('All keys, newest first.')
    .action(
      action(async (_: CommonOptions, command: Command) => {
        const request = await requestOf(command)
        const { keys } = await request<KeyList>('GET', '/keys')
        if (isJson(command)) return terminal.json(keys)
        const headings = ['ID', 'KIND', 'NAME', 'DEVICE', 'CREATED', 'LAST USED', 'STATE']
        terminal.table(headings, keys.map(rowOf), 'There are no keys.')
      }),
    )

  group
    .command('revoke <id>')
    .description('End a key for good, and every link that uses it.')
    .action(
      action(async (id: string, _: CommonOptions, command: Command) => {
        const request = await requestOf(command)
        const revoked = await request<KeyInfo>('DELETE', `/keys/${encodeURIComponent(id)}`)
        if (isJson(command)) return terminal.json(revoked)
        terminal.note(`Key ${id} (${revoked.name}) is revoked.`)
      }),
    )
}

function rowOf({ id, kind, name, device, createdAt, lastUsedAt, expiresAt, revokedAt }: KeyInfo): unknown[] {
  return [id, kind, name, device, timeText(createdAt), timeText(lastUsedAt), stateOf(expiresAt, revokedAt)]
}

function stateOf(expiresAt: number | undefined, revokedAt: number | undefined): string {
  if (revokedAt !== undefined) return `revoked ${timeText(revokedAt)}`
  if (expiresAt === undefined) return 'active'
  return `${expiresAt <= Date.now() ? 'expired' : 'active until'} ${timeText(expiresAt)}`
}

const unitMs = { h: 3_600_000, d: 86_400_000 }

function readExpiry(text: string): number {
  const [, count, unit] = /^(\d{1,5})([hd])$/.exec(text) ?? []
  if (count !== undefined) return Date.now() + Number(count) * unitMs[unit as keyof typeof unitMs]
  const at = Date.parse(text)
  if (Number.isNaN(at)) throw new InvalidArgumentError('Write a date such as 2027-01-31, or 30d, or 12h.')
  return at
}
