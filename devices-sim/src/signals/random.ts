// Chance that can be repeated: a seeded generator, and one stream of it for each named purpose.

/** Numbers that look random and are the same for the same seed, on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** In [low, high). */
  between(low: number, high: number): number
  /** True with this probability. */
  chance(probability: number): boolean
  /** Mean 0, deviation 1, never beyond ±3.5. */
  normal(): number
  /** A generator of its own for `purpose`: what one part draws never shifts what another part gets. */
  fork(purpose: string): Random
}

/** xoshiro128** (Blackman, Vigna), its state filled by splitmix32 from the seed, as its authors advise. */
export function createRandom(seed: number | string): Random {
  const origin = hash(String(seed))
  let [a, b, c, d] = fill(origin)

  function next(): number {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return result / 2 ** 32
  }

  return {
    next,
    between: (low, high) => low + next() * (high - low),
    chance: (probability) => next() < probability,
    // A sum of four uniforms: near enough to normal, and without log or cos, whose last bit engines may choose.
    normal: () => (next() + next() + next() + next() - 2) * Math.sqrt(3),
    fork: (purpose) => createRandom(`${origin}/${purpose}`),
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}

function fill(seed: number): [number, number, number, number] {
  let state = seed
  const splitmix32 = () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
  return [splitmix32(), splitmix32(), splitmix32(), splitmix32()]
}

const rotate = (value: number, by: number) => (value << by) | (value >>> (32 - by))
