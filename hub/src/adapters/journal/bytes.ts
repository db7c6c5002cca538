// A byte buffer that grows, and the cursor that reads it back: fixed numbers, varints, texts.

const longestVarint = 5
/** Up to this many characters a loop is cheaper than a call into native code. */
const shortText = 40

/** The same bytes in the two ways that each are the faster one for something. */
export interface Memory {
  readonly buffer: Buffer
  readonly view: DataView
}

/** Memory that is replaced when it has to grow; `length` says how much of it is used. */
export interface Bytes {
  buffer: Buffer
  view: DataView
  length: number
}

export function createBytes(capacity: number): Bytes {
  return { ...memoryOf(Buffer.allocUnsafeSlow(capacity)), length: 0 }
}

/** Makes room for `more` bytes. Every `put` but putText expects this to be done. */
export function reserve(bytes: Bytes, more: number): void {
  const needed = bytes.length + more
  if (needed <= bytes.buffer.length) return
  const larger = memoryOf(Buffer.allocUnsafeSlow(Math.max(needed, bytes.buffer.length * 2)))
  bytes.buffer.copy(larger.buffer, 0, 0, bytes.length)
  Object.assign(bytes, larger)
}

export function putByte(bytes: Bytes, value: number): void {
  bytes.buffer[bytes.length++] = value
}

export function putFloat(bytes: Bytes, value: number): void {
  bytes.view.setFloat64(bytes.length, value, true)
  bytes.length += 8
}

/** An integer from 0 to 2^32 − 1, in 1 to 5 bytes. */
export function putVarint(bytes: Bytes, value: number): void {
  let rest = value
  while (rest > 0x7f) {
    bytes.buffer[bytes.length++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes.buffer[bytes.length++] = rest
}

/** A length and UTF-8. Makes its own room. */
export function putText(bytes: Bytes, text: string): void {
  reserve(bytes, longestVarint + text.length * 3)
  if (text.length <= shortText && putShortAscii(bytes, text)) return
  putVarint(bytes, Buffer.byteLength(text))
  bytes.length += bytes.buffer.write(text, bytes.length)
}

function putShortAscii(bytes: Bytes, text: string): boolean {
  const { buffer } = bytes
  const start = bytes.length + 1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code > 0x7f) return false
    buffer[start + i] = code
  }
  buffer[bytes.length] = text.length
  bytes.length = start + text.length
  return true
}

/** Reads what the `put`s wrote, in the same order, from `at` on. */
export interface ByteCursor extends Memory {
  at: number
}

export function takeByte(cursor: ByteCursor): number {
  return cursor.view.getUint8(cursor.at++)
}

export function takeFloat(cursor: ByteCursor): number {
  const value = cursor.view.getFloat64(cursor.at, true)
  cursor.at += 8
  return value
}

export function takeVarint(cursor: ByteCursor): number {
  let value = 0
  let shift = 0
  for (;;) {
    const byte = cursor.view.getUint8(cursor.at++)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return value >>> 0
    shift += 7
  }
}

export function takeText(cursor: ByteCursor): string {
  const length = takeVarint(cursor)
  const text = cursor.buffer.toString('utf8', cursor.at, cursor.at + length)
  cursor.at += length
  return text
}

export function memoryOf(buffer: Buffer): Memory {
  return { buffer, view: new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength) }
}
