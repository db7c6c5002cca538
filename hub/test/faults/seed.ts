// How large this run of the fault suite is, and the chance it uses: the same seed gives the same loads and the same times.

/** `npm run faults` runs the long part, `npm test` the fast one. */
const isLong = process.env.FAULTS_LONG === '1'

/** Printed with every failure; `npm run faults -- --seed <it>` runs the same again. */
export const seed = Number(process.env.FAULTS_SEED ?? 1)

export const size = (counts: { fast: number; long: number }): number => (isLong ? counts.long : counts.fast)

/** Numbers from 0 to 1, another row for each `name`. Mulberry32, seeded with FNV-1a of both. */
export function randomOf(name: string): () => number {
  let state = 0x811c9dc5 ^ seed
  for (const char of name) state = Math.imul(state ^ char.charCodeAt(0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
