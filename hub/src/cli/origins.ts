// `telehub origins`: which pages may talk to the hub, and why one may not.

import type { Command } from 'commander'
import { nearestOrigin } from '../core/access/nearest-origin.ts'
import { parseOrigin } from '../core/access/parse-origin.ts'
import type { OriginCheck, OriginEntry, OriginList } from '../protocol/index.ts'
import { CliError, exit } from './exit.ts'
import { type CommonOptions, isJson, requestOf } from './hub-of.ts'
import type { Group } from './run.ts'
import { timeText } from './terminal.ts'

export const originCommands: Group = (program, { action, terminal }) => {
  const group = program.command('origins').description('Allowed origins.')

  group
    .command('list')
    .description('Allowed origins, what their pages may be at most, and who allowed them.')
    .action(
      action(async (_: CommonOptions, command: Command) => {
        const request = await requestOf(command)
        const { origins } = await request<OriginList>('GET', '/origins')
        if (isJson(command)) return terminal.json(origins)
        terminal.table(
          ['ORIGIN', 'AT MOST', 'FROM', 'SINCE'],
          origins.map(({ origin, grant, source, addedAt }) => [origin, grant, source, timeText(addedAt)]),
          'No origin is allowed: pages cannot use this hub. Allow one with: telehub origins add https://…',
        )
      }),
    )

  group
    .command('add <origin>')
    .description(
      'Allow an origin: https://a.test, https://*.ops.example.com, https://wall.test=viewer, insecure:http://a.test',
    )
    .action(
      action(async (origin: string, _: CommonOptions, command: Command) => {
        const request = await requestOf(command)
        const entry = await request<OriginEntry>('POST', '/origins', { origin })
        if (isJson(command)) return terminal.json(entry)
        terminal.note(`${entry.origin} is allowed now${entry.grant ? `, as ${entry.grant} at most` : ''}.`)
      }),
    )

  group
    .command('remove <origin>')
    .description('Forbid an origin; the sockets of its pages are closed.')
    .action(
      action(async (origin: string, _: CommonOptions, command: Command) => {
        const request = await requestOf(command)
        await request('DELETE', `/origins?origin=${encodeURIComponent(origin)}`)
        terminal.note(`${origin} is not allowed any more.`)
      }),
    )

  group
    .command('check <origin>')
    .description('What the hub thinks of an origin, and which allowed one it resembles. Exit 4 when it is refused.')
    .action(
      action(async (input: string, _: CommonOptions, command: Command) => {
        const origin = asSent(input)
        const request = await requestOf(command)
        const verdict = await request<OriginCheck>('GET', '/origin-check', undefined, { headers: { origin } })
        const { origins } = await request<OriginList>('GET', '/origins').catch(() => ({ origins: [] }))
        const nearest = verdict.allowed
          ? undefined
          : nearestOrigin(
              origin,
              origins.map((entry) => entry.origin),
            )
        if (isJson(command)) terminal.json({ ...verdict, ...(nearest && { nearest }) })
        else {
          terminal.out(`${origin} is ${verdict.allowed ? 'allowed' : 'refused'}.\n`)
          if (!verdict.allowed) terminal.out(`  ${verdict.reason}\n`)
          if (nearest) terminal.out(`  ${nearest.origin} is allowed; it differs in ${nearest.differsIn}.\n`)
          if (verdict.fix) terminal.out(`  To allow it: ${verdict.fix}\n`)
        }
        return verdict.allowed ? exit.ok : exit.refused
      }),
    )
}

/** What a browser would send for it. CliError `usage` with what to write instead. */
function asSent(input: string): string {
  if (input === 'null') return input
  const parsed = parseOrigin(/^http:/i.test(input) ? `insecure:${input}` : input)
  if (parsed.ok) return parsed.origin
  throw new CliError(exit.usage, `${input}: ${parsed.problem}`)
}
