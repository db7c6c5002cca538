// Commands: asked for, waited for, looked up, cancelled.

import * as z from 'zod/mini'
import { hasEnded } from '../../../core/command-states.ts'
import { HubError } from '../../../core/errors.ts'
import { Command, CommandBody, CommandList, CommandState } from '../../../protocol/index.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { HttpParts } from '../parts.ts'
import { InstantText, linkToNext, page } from '../query.ts'

/** The longest a request stays open for `Prefer: wait`. */
const maxWaitSeconds = 60

const CommandQuery = z.strictObject({
  device: z.optional(z.string().check(z.maxLength(64))),
  state: z.optional(CommandState),
  name: z.optional(z.string().check(z.maxLength(64))),
  actor: z.optional(z.string().check(z.maxLength(64))),
  from: z.optional(InstantText),
  to: z.optional(InstantText),
  ...page,
})

export function commandRoutes({ commands }: Pick<HttpParts, 'commands'>): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/api/v1/devices/{id}/commands',
      summary: 'Send a command; 200 when it ended within the wait, else 202 and where to look.',
      may: 'command',
      audit: 'command.request',
      body: CommandBody,
      headers: {
        'Idempotency-Key': 'The same key again is the same command.',
        Prefer: `wait=<seconds>, at most ${maxWaitSeconds}: answer when the command has ended (RFC 7240 §4.3).`,
      },
      answers: { 200: Command, 202: Command },
      async handle({ params, body, by, header }) {
        const idempotencyKey = readIdempotencyKey(header('idempotency-key'))
        const waitSeconds = readWait(header('prefer'))
        const request = { device: params.id ?? '', ...body, ...(idempotencyKey !== undefined && { idempotencyKey }) }
        const accepted = await commands.request(request, by)
        const command = waitSeconds > 0 ? await commands.ended(accepted.id, waitSeconds * 1000) : accepted
        const headers = {
          Location: `/api/v1/commands/${command.id}`,
          ...(waitSeconds > 0 && { 'Preference-Applied': `wait=${waitSeconds}` }),
        }
        return {
          status: hasEnded(command.state) ? 200 : 202,
          headers,
          body: command,
          target: `${command.device} ${command.name} ${command.id}`,
        }
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/commands',
      summary: 'Commands by device, state, name, actor (key id) and time, newest first.',
      may: 'read',
      query: CommandQuery,
      answers: { 200: CommandList },
      async handle({ query, url }) {
        const { cursor: before, ...filter } = query
        const list = await commands.list({ ...filter, before })
        const next = list.length === filter.limit ? list.at(-1)?.id : undefined
        return { status: 200, headers: linkToNext(url, next), body: { commands: list } }
      },
    }),
    endpoint({
      method: 'get',
      path: '/api/v1/commands/{id}',
      summary: 'One command with its whole life.',
      may: 'read',
      answers: { 200: Command },
      async handle({ params }) {
        const command = await commands.find(params.id ?? '')
        if (!command) throw new HubError('not-found', `There is no command "${params.id}".`)
        return { status: 200, body: command }
      },
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/commands/{id}/cancel',
      summary: 'Cancel a command that has not ended; a device that has it already is not stopped by this.',
      may: 'command',
      audit: 'command.cancel',
      answers: { 200: Command },
      handle: async ({ params, by }) => ({ status: 200, body: await commands.cancel(params.id ?? '', by) }),
    }),
  ]
}

/** Bare, or as a quoted string like in the IETF draft. HubError `bad-request`. */
function readIdempotencyKey(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const key = /^"?([\x21\x23-\x7e]{1,128})"?$/.exec(header)?.[1]
  if (key === undefined) throw new HubError('bad-request', 'An Idempotency-Key has 1 to 128 visible characters.')
  return key
}

function readWait(prefer: string | undefined): number {
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,6})"?/i.exec(prefer ?? '')?.[1]
  return wait === undefined ? 0 : Math.min(Number(wait), maxWaitSeconds)
}
