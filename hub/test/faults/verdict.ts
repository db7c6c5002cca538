// Ends a story: waits for the store, reads it back, asks the checker, and fails with what anyone needs to look into it.

import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { type Evidence, judge, type Verdict } from './checker.ts'
import { readBack } from './found.ts'
import type { History } from './history.ts'
import type { Questions } from './questions.ts'
import { seed } from './seed.ts'

export async function verdictOf(
  hub: Questions,
  history: History,
  others: Partial<Evidence> = {},
): Promise<Verdict & { counts: Evidence['counts'] }> {
  const counts = await hub.settled()
  const found = others.found ?? (await readBack(hub, history.lines))
  return { ...judge({ history: history.lines, found, counts, ...others }), counts }
}

/** I0 and R3. `atLeast`: acknowledged readings without which nothing was shown. */
export async function expectKept(
  hub: Questions,
  history: History,
  { atLeast = 1, ...others }: Partial<Evidence> & { atLeast?: number } = {},
) {
  const verdict = await verdictOf(hub, history, others)
  expect(verdict.tally.acknowledged).toBeGreaterThanOrEqual(atLeast)
  if (verdict.holds) return verdict
  const file = join(tmpdir(), `telehub-history-${seed}-${Date.now()}.ndjson`)
  writeFileSync(file, history.lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  const words = verdict.violations.slice(0, 10).map(({ kind, detail }) => `  ${kind}: ${detail}`)
  const figures = JSON.stringify({ ...verdict.tally, ...verdict.counts })
  const ends = `${verdict.violations.length} violations, seed ${seed}, history in ${file}`
  throw new Error(`The hub did not keep its word (${ends})\n${words.join('\n')}\n  ${figures}`)
}
