// Remembers which numbered messages were kept, so that one sent again is acknowledged and not stored again.

import type { KeptStream } from './ports.ts'

/** As from, to, from, to …: see KeptStream. */
type Ranges = number[]

/** As many messages as a device may have unacknowledged, and so send again in any order. */
const maxRangesOfStream = 64

/**
 * Exact: a number that was not kept never counts as kept. Bounded: forgets the lowest range of a stream with too many
 * holes, and the stream that was used longest ago. What is forgotten would be stored again, never lost.
 */
export function createStreams({ maxRanges = 500_000 } = {}) {
  const streams = new Map<string, { device: string; stream: string; ranges: Ranges }>()
  let held = 0

  // The id of a device has no space, so no two pairs give one key.
  const keyOf = (device: string, stream: string) => `${device} ${stream}`

  function touch(device: string, stream: string): Ranges {
    const key = keyOf(device, stream)
    const known = streams.get(key) ?? { device, stream, ranges: [] }
    // A Map keeps the order of insertion: the first key is the one used longest ago.
    streams.delete(key)
    streams.set(key, known)
    return known.ranges
  }

  function forgetOldest() {
    const [key, { ranges }] = streams.entries().next().value as [string, { ranges: Ranges }]
    streams.delete(key)
    held -= ranges.length / 2
  }

  return {
    has(device: string, stream: string, seq: number): boolean {
      const ranges = streams.get(keyOf(device, stream))?.ranges
      return ranges !== undefined && rangeOf(ranges, seq) >= 0
    },

    /** True when it is ahead of the number that was next in its stream. */
    add(device: string, stream: string, seq: number): boolean {
      const ranges = touch(device, stream)
      const before = ranges.length
      const highest = ranges.at(-1)
      insert(ranges, seq)
      if (ranges.length > maxRangesOfStream * 2) ranges.splice(0, 2)
      held += (ranges.length - before) / 2
      while (held > maxRanges && streams.size > 1) forgetOldest()
      return highest !== undefined && seq > highest + 1
    },

    /** A copy of all, the one used longest ago first: adding them in this order gives the same. */
    all: (): KeptStream[] => [...streams.values()].map((stream) => ({ ...stream, ranges: [...stream.ranges] })),

    restore(kept: readonly KeptStream[]) {
      for (const { device, stream, ranges } of kept) {
        touch(device, stream).push(...ranges)
        held += ranges.length / 2
      }
      while (held > maxRanges && streams.size > 1) forgetOldest()
    },
  }
}

/** Where the range that holds `seq` begins, or −1. Looks from the end, because most numbers are new. */
function rangeOf(ranges: Ranges, seq: number): number {
  const start = lastStartUpTo(ranges, seq)
  return start >= 0 && seq <= (ranges[start + 1] as number) ? start : -1
}

function lastStartUpTo(ranges: Ranges, seq: number): number {
  let start = ranges.length - 2
  while (start >= 0 && (ranges[start] as number) > seq) start -= 2
  return start
}

function insert(ranges: Ranges, seq: number) {
  const below = lastStartUpTo(ranges, seq)
  if (below >= 0 && seq <= (ranges[below + 1] as number)) return
  const above = below + 2
  const joinsBelow = below >= 0 && ranges[below + 1] === seq - 1
  const joinsAbove = ranges[above] === seq + 1
  if (joinsBelow && joinsAbove) ranges.splice(below + 1, 2)
  else if (joinsBelow) ranges[below + 1] = seq
  else if (joinsAbove) ranges[above] = seq
  else ranges.splice(above, 0, seq, seq)
}
