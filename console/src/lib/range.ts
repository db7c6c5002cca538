// The time range of history: presets that end now, or two fixed instants, both kept in the URL.

export interface Preset {
  id: string
  label: string
  lengthMs: number
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

export const presets: readonly Preset[] = [
  { id: '15m', label: '15 m', lengthMs: 15 * minute },
  { id: '1h', label: '1 h', lengthMs: hour },
  { id: '6h', label: '6 h', lengthMs: 6 * hour },
  { id: '24h', label: '24 h', lengthMs: day },
  { id: '7d', label: '7 d', lengthMs: 7 * day },
  { id: '30d', label: '30 d', lengthMs: 30 * day },
]

/** `preset`: the last so-and-so long · `fixed`: from one instant to another. */
export type Range = { kind: 'preset'; preset: Preset } | { kind: 'fixed'; from: number; to: number }

export interface Span {
  from: number
  to: number
}

const shortestMs = 1_000
const standard: Range = { kind: 'preset', preset: presets[1] as Preset }

/** What the URL's `range` or `from` and `to` say; what makes no sense there is the last hour. */
export function readRange(query: { range?: unknown; from?: unknown; to?: unknown }): Range {
  const from = Number(query.from ?? Number.NaN)
  const to = Number(query.to ?? Number.NaN)
  if (Number.isSafeInteger(from) && Number.isSafeInteger(to) && to - from >= shortestMs)
    return { kind: 'fixed', from, to }
  const preset = presets.find(({ id }) => id === query.range)
  return preset ? { kind: 'preset', preset } : standard
}

/** The opposite of `readRange`: `undefined` takes a name out of the URL. */
export function rangeQuery(range: Range): { range?: string; from?: string; to?: string } {
  if (range.kind === 'preset') return { range: range.preset.id, from: undefined, to: undefined }
  return { range: undefined, from: String(range.from), to: String(range.to) }
}

export function spanOf(range: Range, now: number): Span {
  return range.kind === 'fixed' ? { from: range.from, to: range.to } : { from: now - range.preset.lengthMs, to: now }
}

/** Half a length earlier (−1) or later (+1). Never past now: there it follows now again where a preset has that length. */
export function shiftRange(range: Range, direction: -1 | 1, now: number): Range {
  const { from, to } = spanOf(range, now)
  const lengthMs = to - from
  const end = Math.min(now, to + (direction * lengthMs) / 2)
  const preset = presets.find((candidate) => candidate.lengthMs === lengthMs)
  if (end === now && preset) return { kind: 'preset', preset }
  return fixed(end - lengthMs, end)
}

/** A range dragged out on a chart, in any direction; too narrow a one is none. */
export function draggedRange(a: number, b: number): Range | undefined {
  return Math.abs(b - a) < shortestMs ? undefined : fixed(Math.min(a, b), Math.max(a, b))
}

function fixed(from: number, to: number): Range {
  return { kind: 'fixed', from: Math.round(from), to: Math.round(to) }
}
