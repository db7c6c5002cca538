// R3 as a check for the end of any story: every reading the hub ever accepted has exactly one fate.

import { expect } from 'vitest'
import type { Stats } from '../src/protocol/index.ts'

interface AccountedHub {
  readonly url: string
  key(kind: 'admin'): string
}

/** `accepted = stored + pending + deadLetter + expired`, none of them negative, in `/stats` and in `/metrics`. */
export async function expectAccounting(hub: AccountedHub): Promise<Stats> {
  const stats = await statsOf(hub)
  const { accepted, stored, pending, deadLetter, expired } = stats.journal
  const figures = await metricsOf(hub)
  const fates = ['stored_total', 'pending', 'dead_letter', 'expired_total'].map((name) => figures(`readings_${name}`))

  expect({ accepted, sum: stored + pending + deadLetter + expired }).toEqual({ accepted, sum: accepted })
  expect(Math.min(stored, pending, deadLetter, expired)).toBeGreaterThanOrEqual(0)
  expect(fates.reduce((sum, count) => sum + count, 0)).toBe(figures('readings_accepted_total'))
  return stats
}

export async function statsOf({ url, key }: AccountedHub): Promise<Stats> {
  const answer = await fetch(`${url}/api/v1/stats`, { headers: { authorization: `Bearer ${key('admin')}` } })
  return (await answer.json()) as Stats
}

async function metricsOf({ url }: AccountedHub): Promise<(name: string) => number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  return (name) => Number(new RegExp(`^telehub_${name} (\\S+)$`, 'm').exec(text)?.[1])
}
