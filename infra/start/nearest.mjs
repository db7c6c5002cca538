// Finds the name that somebody probably meant.

/**
 * The one of `names` that takes the fewest single-letter changes.
 *
 * @param {string} word
 * @param {readonly string[]} names at least one
 * @returns {string}
 */
export function nearest(word, names) {
  const byDistance = names.map((name) => ({ name, distance: distance(word, name) }))
  byDistance.sort((a, b) => a.distance - b.distance)
  return byDistance[0]?.name ?? ''
}

/**
 * Levenshtein distance, one row at a time.
 *
 * @param {string} from
 * @param {string} to
 */
function distance(from, to) {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let column = 1; column <= to.length; column++) {
      const changed = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
