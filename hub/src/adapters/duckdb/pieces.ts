// Which table answers for which part of a range: the coarsest that is exact, and raw readings at the edges.

import type { Tiers } from './schema.ts'
import { hourMs, minuteMs } from './tiers.ts'

export interface Piece {
  readonly table: 'recent' | 'filed' | 'minute' | 'hour'
  readonly from: number
  readonly to: number
}

/**
 * Pieces that do not overlap and together hold every reading with `from <= at < to` once. `grainMs`: the pieces may be cut at
 * multiples of it only, as the buckets are that they are folded into. Where readings are gone, the range grows to whole minutes
 * or hours.
 */
export function piecesOf(
  range: { from: number; to: number },
  grainMs: number,
  { filedTo, rawFrom, minuteFrom }: Tiers,
): Piece[] {
  const from = floorWhere(range.from, rawFrom, minuteFrom)
  const to = ceilWhere(range.to, rawFrom, minuteFrom)
  const pieces: Piece[] = []
  const add = (table: Piece['table'], begin: number, end: number) => {
    if (begin < end) pieces.push({ table, from: begin, to: end })
  }

  const end = Math.min(to, filedTo)
  const minutes = inner(from, end, minuteMs, grainMs % minuteMs === 0 ? Number.POSITIVE_INFINITY : rawFrom)
  const hoursEnd = Math.min(minutes.to, floor(filedTo, hourMs))
  const hours = inner(minutes.from, hoursEnd, hourMs, grainMs % hourMs === 0 ? Number.POSITIVE_INFINITY : minuteFrom)
  add('filed', from, Math.min(minutes.from, end))
  add('minute', minutes.from, hours.from)
  add('hour', hours.from, hours.to)
  add('minute', hours.to, minutes.to)
  add('filed', Math.max(minutes.to, from), end)
  add('recent', Math.max(from, filedTo), to)
  return pieces
}

/** The whole buckets of a range, as far as `upTo`; an empty range at its beginning where there is none. */
function inner(from: number, to: number, widthMs: number, upTo: number): { from: number; to: number } {
  const begin = ceil(from, widthMs)
  const end = floor(Math.min(to, upTo), widthMs)
  if (begin < end) return { from: begin, to: end }
  return { from, to: from }
}

function floorWhere(at: number, rawFrom: number, minuteFrom: number): number {
  if (at < minuteFrom) return floor(at, hourMs)
  return at < rawFrom ? floor(at, minuteMs) : at
}

function ceilWhere(at: number, rawFrom: number, minuteFrom: number): number {
  if (at < minuteFrom) return ceil(at, hourMs)
  return at < rawFrom ? ceil(at, minuteMs) : at
}

const floor = (at: number, widthMs: number) => Math.floor(at / widthMs) * widthMs
const ceil = (at: number, widthMs: number) => Math.ceil(at / widthMs) * widthMs
