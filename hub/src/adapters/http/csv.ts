// Readings and buckets as CSV (RFC 4180): one line each, device by device, metric by metric, oldest first.

import type { ReadingsPage } from '../../core/ports.ts'
import type { BucketSeries, History, RawSeries, Value } from '../../protocol/index.ts'

const readingColumns = ['device', 'metric', 'at', 'time', 'value']
const bucketColumns = [...readingColumns, 'min', 'max', 'mean', 'count', 'first']
/** Lines in one chunk: few writes, little memory. */
const linesPerChunk = 500

/** Every reading; `at` in epoch ms, `time` the same in ISO 8601. One chunk of text a page. */
export async function* csvOfReadings(pages: AsyncIterable<ReadingsPage>): AsyncGenerator<string> {
  yield line(readingColumns)
  for await (const { device, metric, at, value } of pages) {
    const head = `${cellText(device)},${cellText(metric)},`
    let chunk = ''
    for (let i = 0; i < at.length; i++) chunk += `${head}${line([at[i], timeOf(at[i] as number), value[i]])}`
    yield chunk
  }
}

/** As in the JSON answer: `value` is the reading, or the last one of a bucket. */
export function* csvOfHistories(histories: readonly History[]): Generator<string> {
  yield line(bucketColumns)
  let chunk = ''
  let lines = 0
  for (const { device, series } of histories) {
    for (const [metric, points] of Object.entries(series)) {
      for (let i = 0; i < points.at.length; i++) {
        chunk += line([device, metric, ...cellsOf(points, i)])
        if (++lines % linesPerChunk !== 0) continue
        yield chunk
        chunk = ''
      }
    }
  }
  if (chunk !== '') yield chunk
}

type Cell = Value | undefined

function cellsOf(points: RawSeries | BucketSeries, i: number): Cell[] {
  const at = points.at[i] as number
  const head = [at, timeOf(at)]
  if (points.tier === 'raw') return [...head, points.value[i], undefined, undefined, undefined, undefined, undefined]
  const { last, min, max, mean, count, first } = points
  return [...head, last[i], min?.[i], max?.[i], mean?.[i], count[i], first[i]]
}

function timeOf(at: number): string {
  return new Date(at).toISOString()
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(',')}\r\n`
}

function cellText(cell: Cell): string {
  if (cell === undefined) return ''
  const text = String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
