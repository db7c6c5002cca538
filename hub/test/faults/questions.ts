// What a story asks a hub over HTTP, as its admin.

import type { Readiness, Stats } from '../../src/protocol/index.ts'
import { eventually } from '../running-hub.ts'

export interface Questions {
  /** `path` under /api/v1; undefined when there is no such thing. `body`: POST. */
  ask<T>(path: string, body?: object): Promise<T | undefined>
  stats(): Promise<Stats>
  ready(): Promise<Readiness>
  /** Resolves once the store has everything; the counts then. */
  settled(withinMs?: number): Promise<Stats['journal']>
}

export function createQuestions({ url, key }: { url: string; key(kind: 'admin'): string }): Questions {
  async function ask<T>(path: string, body?: object): Promise<T | undefined> {
    const headers = { authorization: `Bearer ${key('admin')}`, 'content-type': 'application/json' }
    const posting = body && { method: 'POST', body: JSON.stringify(body) }
    const answer = await fetch(`${url}/api/v1${path}`, { headers, ...posting })
    if (answer.status === 404) return undefined
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const stats = async () => (await ask<Stats>('/stats')) as Stats

  return {
    ask,
    stats,
    ready: async () => (await (await fetch(`${url}/readyz`)).json()) as Readiness,
    async settled(withinMs = 60_000) {
      return eventually(async () => {
        const { journal } = await stats()
        return journal.pending === 0 && journal
      }, withinMs)
    },
  }
}
