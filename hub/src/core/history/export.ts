// Every reading of a range, page by page in windows of time, so that memory stays the same however many there are.

import type { ReadingsPage, Series, SeriesStore } from '../ports.ts'

/** Few enough that turning a page into text does not keep live readings waiting. */
const pageReadings = 4_096
const firstWindowMs = 3_600_000

/** Series by series in the order asked, oldest first. `answered` runs each question with its time limit. */
export async function* pagesOf(
  asked: readonly Series[],
  range: { from: number; to: number },
  {
    store,
    answered,
  }: { store: Pick<SeriesStore, 'raw'>; answered: <T>(ask: (signal: AbortSignal) => Promise<T>) => Promise<T> },
): AsyncGenerator<ReadingsPage> {
  for (const { device, metric, type } of asked) {
    // A store finds a window quickly, wherever it is; what lies beyond it is not looked at for one page.
    let windowMs = firstWindowMs
    for (let { from } = range; from < range.to; ) {
      const to = Math.min(from + windowMs, range.to)
      const { at, value } = await answered((signal) =>
        store.raw(device, metric, { from, to, limit: pageReadings, signal }),
      )
      if (at.length > 0) yield { device, metric, type, at, value }
      const isCut = at.length === pageReadings
      from = isCut ? (at.at(-1) as number) + 1 : to
      if (isCut) windowMs = Math.max(1, Math.floor(windowMs / 2))
      else if (at.length < pageReadings / 2) windowMs *= 2
    }
  }
}
