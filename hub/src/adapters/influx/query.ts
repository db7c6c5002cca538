// Asks InfluxDB in InfluxQL, the one language that its versions 1, 2 and 3 all answer, and reads the answer strictly.

import { StoreError } from '../../core/errors.ts'
import type { InfluxHttp } from './http.ts'

/** One series of a result, in rows. `time` is in epoch ms. */
export interface Table {
  readonly tags: Readonly<Record<string, string>>
  readonly columns: readonly string[]
  readonly rows: readonly (readonly unknown[])[]
}

/** The tables of each statement, in the order of the statements. StoreError otherwise. */
export type Ask = (...statements: string[]) => Promise<readonly (readonly Table[])[]>

/** An `Ask` whose questions are given up when `signal` aborts. */
export type AskWith = (signal?: AbortSignal | undefined) => Ask

/** `setting` names the variable for the database, which may not exist. */
export function createAsk(http: InfluxHttp, { database, setting }: { database: string; setting: string }): AskWith {
  const path = `/query?db=${encodeURIComponent(database)}&epoch=ms`
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  return (signal) =>
    async (...statements) => {
      const ask = async (some: readonly string[]) => {
        const body = new URLSearchParams({ q: some.join('; ') }).toString()
        const options = { method: 'POST', headers, expect: 200, ...(signal && { signal }) }
        return readResults(await http.request(path, body, options), setting)
      }
      try {
        const results = await ask(statements)
        if (results.length !== statements.length) throw strange('another number of results than statements')
        return results
      } catch (error) {
        // For several statements InfluxDB 1 may say only this, and keeps the reason to itself.
        if (statements.length > 1 && String(error).endsWith(': not executed')) await ask(statements.slice(0, 1))
        throw error
      }
    }
}

function readResults(answer: string, setting: string): Table[][] {
  const { results, error } = parse(answer)
  if (typeof error === 'string') throw failed(error, setting)
  if (!Array.isArray(results)) throw strange('no results')
  return results.map((result: unknown) => {
    if (!isRecord(result)) throw strange('a result that is no object')
    if (typeof result.error === 'string') throw failed(result.error, setting)
    if (result.partial === true) throw strange('a part of the rows only: its max-row-limit is too low')
    return asArray(result.series ?? []).map(readTable)
  })
}

function readTable(series: unknown): Table {
  if (!isRecord(series) || series.partial === true) throw strange('a part of a series')
  const rows = asArray(series.values ?? []).map(asArray)
  const columns = asArray(series.columns).map(String)
  const tags = isRecord(series.tags) ? series.tags : {}
  return { tags: Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, String(value)])), columns, rows }
}

function parse(answer: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(answer)
    if (isRecord(parsed)) return parsed
  } catch {
    // Not even JSON: whoever answered was not InfluxDB.
  }
  throw strange(JSON.stringify(answer.slice(0, 500)))
}

function failed(error: string, setting: string): StoreError {
  const message = `InfluxDB answered: ${error.slice(0, 500)}`
  if (/database not found|no dbrp mapping|bucket .*not found/i.test(error)) {
    return new StoreError('misconfigured', message, { setting })
  }
  return new StoreError('unavailable', message)
}

function strange(what: string): StoreError {
  return new StoreError('unavailable', `InfluxDB answered a query with ${what}`)
}

function asArray(value: unknown): unknown[] {
  if (Array.isArray(value)) return value
  throw strange('something that is no list')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
