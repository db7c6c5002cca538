// Lets acknowledgements leave in the order in which their messages came, each once it may (MQTT 3.1.1 §4.6).

/**
 * `hold()` takes a place in the row and returns its `release(send)`. What is given to `release` runs once it and all
 * before it were released; those that are ready together run together, so that an fsync for many messages lets many
 * acknowledgements go. Bounded by what the peer may have in flight. After `drop()` nothing runs any more: the peer sends
 * everything unacknowledged again.
 */
export function createHeldAcks() {
  type Place = { send?: () => void }
  let row: Place[] = []
  let first = 0
  let dropped = false

  function leave() {
    while (first < row.length) {
      const send = row[first]?.send
      if (!send) break
      first++
      send()
    }
    // Cutting the front off each time would move all that wait behind it.
    if (first === row.length) row = []
    else if (first > 1024) row = row.slice(first)
    else return
    first = 0
  }

  return {
    hold(): (send: () => void) => void {
      const place: Place = {}
      row.push(place)
      return (send) => {
        if (dropped) return
        place.send = send
        if (row[first] === place) leave()
      }
    },
    /** How many wait. */
    get waiting(): number {
      return row.length - first
    },
    drop() {
      dropped = true
      row = []
      first = 0
    },
  }
}

export type HeldAcks = ReturnType<typeof createHeldAcks>
