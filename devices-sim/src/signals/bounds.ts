// Keeps numbers within what a device can be and can show.

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}

/** To `digits` after the point, and never -0, which JSON would show as 0. */
export function round(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale + 0
}
