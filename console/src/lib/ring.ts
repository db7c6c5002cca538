// The newest readings of one series in two columns of fixed size, outside of Vue's reactivity.

/** Anything indexed by number: a typed array for numbers, a plain one for booleans and texts. */
export interface Column<T> {
  [index: number]: T
  readonly length: number
}

export interface Ring<T> {
  readonly length: number
  /** Time and value of the i-th oldest reading. */
  at(index: number): number
  value(index: number): T
  /** Full: drops the oldest. A reading that comes late is put in its place; one with a known time replaces the known one. */
  push(at: number, value: T): void
  /** Index of the first reading at or after `at`. */
  indexAt(at: number): number
}

/** A ring as long as `values`, which it takes over. */
function createRing<T>(values: Column<T>): Ring<T> {
  const capacity = values.length
  const times = new Float64Array(capacity)
  let start = 0
  let length = 0

  const slot = (index: number) => (start + index) % capacity
  const at = (index: number) => times[slot(index)] ?? Number.NaN
  const value = (index: number) => values[slot(index)] as T

  function set(index: number, time: number, reading: T): void {
    times[slot(index)] = time
    values[slot(index)] = reading
  }

  function append(time: number, reading: T): void {
    if (length < capacity) length += 1
    else start = (start + 1) % capacity
    set(length - 1, time, reading)
  }

  function indexAt(time: number): number {
    let low = 0
    let high = length
    while (low < high) {
      const middle = (low + high) >> 1
      if (at(middle) < time) low = middle + 1
      else high = middle
    }
    return low
  }

  function push(time: number, reading: T): void {
    if (length === 0 || time > at(length - 1)) append(time, reading)
    else if (at(indexAt(time)) === time) set(indexAt(time), time, reading)
    else insert(indexAt(time), time, reading)
  }

  function insert(place: number, time: number, reading: T): void {
    // Older than all that a full ring holds: it would be dropped at once.
    if (place === 0 && length === capacity) return
    const index = length === capacity ? place - 1 : place
    append(at(length - 1), value(length - 1))
    for (let i = length - 2; i > index; i--) set(i, at(i - 1), value(i - 1))
    set(index, time, reading)
  }

  return {
    get length() {
      return length
    },
    at,
    value,
    push,
    indexAt,
  }
}

/** Numbers in 16 bytes a reading. */
export function createNumberRing(capacity: number): Ring<number> {
  return createRing<number>(new Float64Array(capacity))
}

/** Booleans and texts. */
export function createStateRing<T>(capacity: number): Ring<T> {
  return createRing<T>(new Array<T>(capacity))
}
