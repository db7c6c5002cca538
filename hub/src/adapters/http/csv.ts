// History as CSV (RFC 4180): one line a reading or bucket, oldest first, metric by metric.

import type { BucketSeries, History, RawSeries, Value } from '../../protocol/index.ts'

const columns = ['metric', 'at', 'time', 'value', 'min', 'max', 'mean', 'count']
/** Lines in one chunk: few writes, little memory. */
const linesPerChunk = 500

/** Chunks of text. `value` is the reading, or the last one of a bucket; `at` epoch ms, `time` the same in ISO 8601. */
export function* csvOf({ series }: History): Generator<string> {
  yield line(columns)
  for (const [metric, points] of Object.entries(series)) {
    let chunk = ''
    for (let i = 0; i < points.at.length; i++) {
      chunk += line(cellsOf(metric, points, i))
      if (i % linesPerChunk !== linesPerChunk - 1) continue
      yield chunk
      chunk = ''
    }
    if (chunk !== '') yield chunk
  }
}

type Cell = Value | undefined

function cellsOf(metric: string, points: RawSeries | BucketSeries, i: number): Cell[] {
  const at = points.at[i] as number
  const head = [metric, at, new Date(at).toISOString()]
  if (points.tier === 'raw') return [...head, points.value[i], undefined, undefined, undefined, undefined]
  return [...head, points.last[i], points.min?.[i], points.max?.[i], points.mean?.[i], points.count[i]]
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`
}

function cellText(cell: Cell): string {
  if (cell === undefined) return ''
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
