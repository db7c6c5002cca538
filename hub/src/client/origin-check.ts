// Asks the hub what it thinks of this page. The one question that every origin may ask.

import type { OriginCheck } from '../protocol/http.ts'
import { HubProblem } from './problem.ts'

const answerWithinMs = 5_000

/** HubProblem `unreachable` when nothing answers, `bad-request` when what answers is not a hub. */
export async function checkOrigin(url: string): Promise<OriginCheck> {
  const response = await fetch(`${url}/api/v1/origin-check`, {
    credentials: 'omit',
    cache: 'no-store',
    signal: AbortSignal.timeout(answerWithinMs),
  }).catch((cause) => {
    throw new HubProblem('unreachable', `Nothing answers at ${url}.`, { cause })
  })
  const answer = (await response.json().catch(() => undefined)) as OriginCheck | undefined
  if (typeof answer?.allowed !== 'boolean')
    throw new HubProblem('bad-request', `What answers at ${url} is not a Telehub hub.`)
  return answer
}
