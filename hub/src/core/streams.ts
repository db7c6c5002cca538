// Remembers which numbered messages were kept, so that one sent again is acknowledged and not stored again.

/** How far back a sequence number is looked up exactly; anything older counts as kept. */
const windowSize = 1_024

interface Stream {
  highest: number
  /** Kept numbers within the window. */
  readonly kept: Set<number>
}

/** Bounded: forgets the stream that was used longest ago. */
export function createStreams({ maxStreams = 100_000 } = {}) {
  const streams = new Map<string, Stream>()
  const key = (device: string, stream: string) => `${device} ${stream}`

  function touch(device: string, stream: string): Stream {
    const id = key(device, stream)
    const known = streams.get(id) ?? { highest: -1, kept: new Set<number>() }
    // A Map keeps the order of insertion: the first key is the one used longest ago.
    streams.delete(id)
    streams.set(id, known)
    if (streams.size > maxStreams) streams.delete(streams.keys().next().value as string)
    return known
  }

  return {
    has(device: string, stream: string, seq: number): boolean {
      const known = streams.get(key(device, stream))
      if (!known) return false
      return known.kept.has(seq) || seq <= known.highest - windowSize
    },
    add(device: string, stream: string, seq: number) {
      const known = touch(device, stream)
      known.kept.add(seq)
      if (seq <= known.highest) return
      known.highest = seq
      if (known.kept.size <= 2 * windowSize) return
      for (const old of known.kept) if (old <= seq - windowSize) known.kept.delete(old)
    },
  }
}
