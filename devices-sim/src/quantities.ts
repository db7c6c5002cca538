// Reads what people write for times, shares, rates and mixes: `500ms`, `10%`, `100/s`, `pump*3`, `ws:80`.

import type { Weighted } from './plan.ts'

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
type Unit = keyof typeof unitsMs

/** `500ms`, `1s`, `1.5m`, `2h`, `1d` in milliseconds. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim()) ?? []
  return amount === undefined ? undefined : Number(amount) * unitsMs[unit as Unit]
}

/** `10%` or `0.1` as a share. */
export function parseShare(text: string): number | undefined {
  const [, amount, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text.trim()) ?? []
  return amount === undefined ? undefined : Number(amount) / (percent ? 100 : 1)
}

/** `100/s`, `30/m` or `100` as a number each second. */
export function parseRate(text: string): number | undefined {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(?:\/(s|m|h))?$/.exec(text.trim()) ?? []
  return amount === undefined ? undefined : Number(amount) / (unitsMs[(unit ?? 's') as Unit] / 1_000)
}

/** `pump*3,meter` or `ws:80,mqtt:20` as names with weights, where none is given 1. Undefined when a part is not of this form. */
export function parseMix(text: string): Weighted[] | undefined {
  const parts = text.split(',').map((part) => {
    const [, name, weight] = /^([a-z][a-z0-9-]*)(?:[*:](\d+(?:\.\d+)?))?$/.exec(part.trim()) ?? []
    return name === undefined ? undefined : { name, weight: Number(weight ?? 1) }
  })
  return parts.every((part) => part !== undefined && part.weight > 0) ? (parts as Weighted[]) : undefined
}

/** The one of `known` that someone may have meant: at most two letters away, and most of the word right. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((name) => ({ name, far: distance(word, name) })).sort((one, other) => one.far - other.far)
  return ranked[0] && ranked[0].far <= Math.min(2, word.length / 2) ? ranked[0].name : undefined
}

/** Levenshtein. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let line = 1; line <= one.length; line++) {
    const next = [line]
    for (let column = 1; column <= other.length; column++) {
      const changed = (row[column - 1] ?? 0) + (one[line - 1] === other[column - 1] ? 0 : 1)
      next.push(Math.min(changed, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[other.length] ?? 0
}
