// Keys: made (shown once), listed, revoked.

import { HubError } from '../../../core/errors.ts'
import { CreatedKey, KeyInfo, KeyList, NewKey } from '../../../protocol/index.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { Access } from '../parts.ts'

export function keyRoutes({ keys }: Pick<Access, 'keys'>): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/api/v1/keys',
      summary: 'All keys, without their secrets, newest first.',
      may: 'administer',
      answers: { 200: KeyList },
      handle: async () => ({ status: 200, body: { keys: keys.list() } }),
    }),
    endpoint({
      method: 'post',
      path: '/api/v1/keys',
      summary: 'Make a key; its secret is shown in this answer only. A gateway may make keys for devices.',
      may: 'register',
      audit: 'key.create',
      body: NewKey,
      answers: { 201: CreatedKey },
      async handle({ body, caller }) {
        if (caller.kind === 'gateway' && body.kind !== 'device')
          throw new HubError('role-needed', 'A gateway key makes keys for devices only; this needs the role admin.')
        const created = await keys.create(body)
        return { status: 201, body: created, target: `${created.kind} ${created.id}` }
      },
    }),
    endpoint({
      method: 'delete',
      path: '/api/v1/keys/{id}',
      summary: 'End a key for good, and with it every link that uses it.',
      may: 'administer',
      audit: 'key.revoke',
      answers: { 200: KeyInfo },
      handle: async ({ params }) => ({ status: 200, body: await keys.revoke(params.id ?? '') }),
    }),
  ]
}
