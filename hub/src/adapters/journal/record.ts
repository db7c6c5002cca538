// A batch as bytes and back: names and texts in UTF-8, times as steps, each metric a column of one kind.

import type { Batch } from '../../core/ports.ts'
import type { Value } from '../../protocol/index.ts'
import type { ByteCursor, Bytes } from './bytes.ts'
import { putByte, putFloat, putText, putVarint, reserve, takeByte, takeFloat, takeText, takeVarint } from './bytes.ts'

type Column = Batch['columns'][number]

const has = { stream: 1, seq: 2, steps: 4 } as const
/** Most that a varint takes, and the fixed fields around it. */
const roomForFixed = 32

const number = 0
const boolean = 1
const text = 2
const mixed = 3
/** Set beside the kind when a bitmap of nulls comes first; a null takes no room among the values. */
const withNulls = 0x80

/** Appends `batch` to `out`. `count` is not in it: the frame around the record has it. */
export function encodeBatch(out: Bytes, batch: Batch): void {
  const { at, stream, seq } = batch
  const steps = isSteps(at)
  reserve(out, roomForFixed)
  putByte(out, (stream === undefined ? 0 : has.stream) | (seq === undefined ? 0 : has.seq) | (steps ? has.steps : 0))
  putFloat(out, batch.receivedAt)
  putText(out, batch.device)
  if (stream !== undefined) putText(out, stream)
  reserve(out, roomForFixed + at.length * 8)
  if (seq !== undefined) putFloat(out, seq)
  putVarint(out, at.length)
  if (steps) putSteps(out, at)
  else for (const instant of at) putFloat(out, instant)
  putVarint(out, batch.metrics.length)
  for (const [i, metric] of batch.metrics.entries()) {
    putText(out, metric)
    putColumn(out, batch.columns[i] ?? [], at.length)
  }
}

/** The batch that `encodeBatch` wrote at `from.at`. */
export function decodeBatch(from: ByteCursor, count: number): Batch {
  const flags = takeByte(from)
  const receivedAt = takeFloat(from)
  const device = takeText(from)
  const stream = flags & has.stream ? takeText(from) : undefined
  const seq = flags & has.seq ? takeFloat(from) : undefined
  const rows = takeVarint(from)
  const at = flags & has.steps ? takeSteps(from, rows) : takeFloats(from, rows)
  const metrics: string[] = []
  const columns: (Value | null)[][] = []
  for (let left = takeVarint(from); left > 0; left--) {
    metrics.push(takeText(from))
    columns.push(takeColumn(from, rows))
  }
  return { device, receivedAt, stream, seq, at, metrics, columns, count }
}

/** Whether every time is an exact small step from the one before; −0 and fractions are not. */
function isSteps(at: readonly number[]): boolean {
  let previous = at[0]
  if (previous === undefined) return false
  for (let i = 1; i < at.length; i++) {
    const instant = at[i] ?? Number.NaN
    if (!Object.is(previous + ((instant - previous) | 0), instant)) return false
    previous = instant
  }
  return true
}

function putSteps(out: Bytes, at: readonly number[]): void {
  let previous = at[0] ?? 0
  putFloat(out, previous)
  for (let i = 1; i < at.length; i++) {
    const instant = at[i] ?? previous
    const step = instant - previous
    // Zigzag: small steps back are small numbers too.
    putVarint(out, ((step << 1) ^ (step >> 31)) >>> 0)
    previous = instant
  }
}

function takeSteps(from: ByteCursor, rows: number): number[] {
  let instant = takeFloat(from)
  const at = [instant]
  for (let i = 1; i < rows; i++) {
    const zigzag = takeVarint(from)
    instant += (zigzag >>> 1) ^ -(zigzag & 1)
    at.push(instant)
  }
  return at
}

function takeFloats(from: ByteCursor, rows: number): number[] {
  const values: number[] = []
  for (let i = 0; i < rows; i++) values.push(takeFloat(from))
  return values
}

function putColumn(out: Bytes, column: Column, rows: number): void {
  const kind = kindOf(column, rows)
  // Enough for the kind, the bitmap, and each value but a text, which makes its own room.
  reserve(out, 1 + Math.ceil(rows / 8) + rows * 9)
  putByte(out, kind)
  if (kind & withNulls) putNulls(out, column, rows)
  const put = (kind & ~withNulls) === mixed ? putTagged : putValue
  for (let i = 0; i < rows; i++) {
    const value = column[i]
    if (value !== null && value !== undefined) put(out, value)
  }
}

/** One pass: the kind that all values share, or `mixed`. */
function kindOf(column: Column, rows: number): number {
  let kind = -1
  let nulls = 0
  for (let i = 0; i < rows; i++) {
    const value = column[i]
    if (value === null || value === undefined) nulls = withNulls
    else if (kind === -1) kind = kindOfValue(value)
    else if (kind !== kindOfValue(value)) kind = mixed
  }
  return (kind === -1 ? number : kind) | nulls
}

function kindOfValue(value: Value): number {
  if (typeof value === 'number') return number
  return typeof value === 'boolean' ? boolean : text
}

function putNulls(out: Bytes, column: Column, rows: number): void {
  for (let start = 0; start < rows; start += 8) {
    let bits = 0
    for (let i = start; i < rows && i < start + 8; i++) if (column[i] == null) bits |= 1 << (i - start)
    putByte(out, bits)
  }
}

function putTagged(out: Bytes, value: Value): void {
  reserve(out, 9)
  putByte(out, kindOfValue(value))
  putValue(out, value)
}

function putValue(out: Bytes, value: Value): void {
  if (typeof value === 'number') putFloat(out, value)
  else if (typeof value === 'boolean') putByte(out, value ? 1 : 0)
  else putText(out, value)
}

function takeColumn(from: ByteCursor, rows: number): (Value | null)[] {
  const kind = takeByte(from)
  if (kind === number) return takeFloats(from, rows)
  const nullsAt = from.at
  if (kind & withNulls) from.at += Math.ceil(rows / 8)
  const column: (Value | null)[] = []
  for (let i = 0; i < rows; i++) {
    const isNull = kind & withNulls && from.view.getUint8(nullsAt + (i >> 3)) & (1 << (i & 7))
    column.push(isNull ? null : takeValue(from, kind & ~withNulls))
  }
  return column
}

function takeValue(from: ByteCursor, kind: number): Value {
  switch (kind) {
    case number:
      return takeFloat(from)
    case boolean:
      return takeByte(from) === 1
    case text:
      return takeText(from)
    default:
      return takeValue(from, takeByte(from))
  }
}
