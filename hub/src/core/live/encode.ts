// Encodes a tick once for all consoles: each segment at most once a format, and the frame of all of them too.

import type { Segment } from '../../protocol/index.ts'

/** How segments become bytes: one for each subprotocol. */
export interface FrameEncoder {
  segment(segment: Segment): Uint8Array
  /** A whole `readings` message of segments already encoded. */
  readings(cursor: string, segments: readonly Uint8Array[]): Uint8Array
}

export function encodeOnce(segments: readonly Segment[], cursor: string) {
  const encoded = new Map<FrameEncoder, (Uint8Array | undefined)[]>()
  const frames = new Map<FrameEncoder, Uint8Array>()

  function pick(encoder: FrameEncoder, places: readonly number[]): Uint8Array[] {
    const known = encoded.get(encoder) ?? []
    encoded.set(encoder, known)
    return places.map((i) => {
      known[i] ??= encoder.segment(segments[i] as Segment)
      return known[i]
    })
  }

  return {
    some: (encoder: FrameEncoder, places: readonly number[]): Uint8Array =>
      encoder.readings(cursor, pick(encoder, places)),
    all(encoder: FrameEncoder): Uint8Array {
      const frame = frames.get(encoder) ?? encoder.readings(cursor, pick(encoder, [...segments.keys()]))
      frames.set(encoder, frame)
      return frame
    },
  }
}
