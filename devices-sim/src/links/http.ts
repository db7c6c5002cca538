// Carries one device over HTTP: a request for each message, one at a time. Commands cannot reach such a device.

import { Problem, type Profile, ReadingsAnswer } from '@telehub/hub/protocol'
import type { Carrier, Connection, Message } from './carrier.ts'

export interface HttpOptions {
  /** The hub, `http://` or `https://`. */
  readonly url: string
  readonly key: string
}

const answerWithinMs = 15_000
/** A refusal that names no time. */
const usualRetryMs = 1_000

export function httpCarrier({ url, key }: HttpOptions): Carrier {
  return ({ device, profile }, events): Connection => {
    const ended = new AbortController()

    async function ask(method: 'PUT' | 'POST', path: string, body: object): Promise<Response> {
      return fetch(new URL(path, url), {
        method,
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.any([ended.signal, AbortSignal.timeout(answerWithinMs)]),
      })
    }

    async function introduce(changed: Profile): Promise<void> {
      // Without its commands: a device that only ever asks cannot be told anything.
      const { commands: _, ...told } = changed
      const answer = await ask('PUT', `/api/v1/devices/${device}/profile`, told)
      if (!answer.ok) return broken(answer, await problemOf(answer))
      await answer.arrayBuffer()
    }

    async function post({ seq, readings }: Message): Promise<void> {
      const answer = await ask('POST', '/api/v1/readings', { device, readings })
      if (answer.ok) return events.acked(seq, ReadingsAnswer.parse(await answer.json()).rejected)
      const problem = await problemOf(answer)
      if (isFinal(answer.status)) return broken(answer, problem)
      events.nacked(seq, problem.code, retryAfterMs(answer))
    }

    function broken(answer: Response, problem: Told): void {
      events.down(problem.detail, { final: isFinal(answer.status) })
    }

    /** What cannot be asked at all is a link that is down. */
    function attempt(asking: Promise<void>): void {
      asking.catch((error: unknown) => {
        if (!ended.signal.aborted) events.down(wordsOf(error))
      })
    }

    attempt(introduce(profile).then(() => events.up(1)))
    return {
      transmit: (message) => attempt(post(message)),
      reply() {},
      introduce: (changed) => attempt(introduce(changed)),
      abort: () => ended.abort(),
      async goodbye() {
        ended.abort()
      },
    }
  }
}

type Told = Pick<Problem, 'detail'> & { code: string }

async function problemOf(answer: Response): Promise<Told> {
  const body: unknown = await answer.json().catch(() => undefined)
  const problem = Problem.safeParse(body)
  if (problem.success) return problem.data
  return { code: `http-${answer.status}`, detail: `the hub answered ${answer.status} ${answer.statusText}`.trim() }
}

function isFinal(status: number): boolean {
  return status === 401 || status === 403
}

/** When to send the same again; undefined where it would be refused again. RFC 9110 §10.2.3, in seconds. */
function retryAfterMs(answer: Response): number | undefined {
  const seconds = Number(answer.headers.get('retry-after') ?? Number.NaN)
  if (Number.isFinite(seconds)) return seconds * 1_000
  return answer.status >= 500 || answer.status === 429 ? usualRetryMs : undefined
}

/** `fetch` says only that it failed; why is in the cause. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  return cause instanceof Error && cause.message ? cause.message : error.message
}
