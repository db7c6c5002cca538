// The segments of the journal in their order, with its epoch, its head and its size: what writer and readers share.

import type { Position } from '../../core/ports.ts'
import type { Segment } from './segment.ts'
import { rememberPlace } from './segment.ts'

export interface Shelf {
  readonly epoch: string
  readonly head: Position
  readonly tail: Position
  readonly bytes: number
  /** All that was added since the start, released or not. */
  readonly writtenBytes: number
  /** Oldest first. */
  readonly segments: readonly Segment[]
  add(segment: Segment): void
  /** The last segment has got `bytes` more, durable, with `readings`. */
  grow(bytes: number, readings: number): void
  drop(segment: Segment): void
}

export function createShelf(found: { epoch: string; head: Position; segments: readonly Segment[] }): Shelf {
  const segments = [...found.segments]
  let { head } = found
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  let writtenBytes = 0

  return {
    epoch: found.epoch,
    segments,
    get head() {
      return head
    },
    get tail() {
      return segments[0]?.first ?? head
    },
    get bytes() {
      return bytes
    },
    get writtenBytes() {
      return writtenBytes
    },
    add(segment) {
      segments.push(segment)
      bytes += segment.bytes
    },
    grow(more, readings) {
      const segment = segments.at(-1)
      if (segment === undefined) return
      rememberPlace(segment, head, segment.bytes)
      segment.bytes += more
      bytes += more
      writtenBytes += more
      head += readings
    },
    drop(segment) {
      const place = segments.indexOf(segment)
      if (place === -1) return
      segments.splice(place, 1)
      bytes -= segment.bytes
    },
  }
}
