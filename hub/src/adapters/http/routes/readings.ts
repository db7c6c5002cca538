// Readings come in: from a device for itself, from a gateway for any of its devices.

import type { Caller } from '../../../core/access/keys.ts'
import { HubError } from '../../../core/errors.ts'
import {
  type ReadingsAnswer,
  ReadingsAnswer as ReadingsAnswerSchema,
  type ReadingsBody,
  ReadingsRequest,
} from '../../../protocol/index.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { HttpParts } from '../parts.ts'

export function readingsRoutes({ intake }: Pick<HttpParts, 'intake'>): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path: '/api/v1/readings',
      summary: 'Send readings; the answer comes once they are on disk.',
      may: 'ingest',
      body: ReadingsRequest,
      answers: { 200: ReadingsAnswerSchema },
      async handle({ body, caller }) {
        const batches = Array.isArray(body) ? body : [body]
        const sources = batches.map((batch, index) => deviceOf(batch, caller, Array.isArray(body) ? `/${index}` : ''))
        const receipts = await Promise.all(
          batches.map(({ readings }, i) => intake.accept({ device: sources[i] as string, via: 'http' }, readings)),
        )
        return { status: 200, body: merge(batches, receipts) }
      },
    }),
  ]
}

/** HubError `foreign-device` for a device key that speaks for another, `bad-request` for a gateway that names none. */
export function deviceOf({ device }: { device?: string | undefined }, caller: Caller, pointer: string): string {
  if (caller.device !== undefined) {
    if (device === undefined || device === caller.device) return caller.device
    throw new HubError('foreign-device', `This key speaks for ${caller.device} only.`)
  }
  if (device !== undefined) return device
  const errors = [{ pointer: `${pointer}/device`, detail: 'A gateway names the device.' }]
  throw new HubError('bad-request', 'Whose readings are these?', { errors })
}

type Receipt = Pick<ReadingsAnswer, 'accepted' | 'rejected'>

function merge(batches: readonly ReadingsBody[], receipts: readonly Receipt[]): ReadingsAnswer {
  const answer: ReadingsAnswer = { accepted: 0, rejected: [], durable: 'disk' }
  let before = 0
  for (const [i, { accepted, rejected }] of receipts.entries()) {
    answer.accepted += accepted
    for (const rejection of rejected) answer.rejected.push({ ...rejection, index: before + rejection.index })
    before += batches[i]?.readings.length ?? 0
  }
  return answer
}
