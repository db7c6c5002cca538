// How a quantity moves towards another: with inertia, or at a limited rate. Right for any length of step.

/** First-order lag: after `tauMs`, 63 % of the way to `target`; never past it. */
export function lag(value: number, target: number, tauMs: number, stepMs: number): number {
  return target + (value - target) * Math.exp(-stepMs / tauMs)
}

/** Towards `target` at `perSecond` at most. */
export function ramp(value: number, target: number, perSecond: number, stepMs: number): number {
  const most = (perSecond * stepMs) / 1_000
  return value + Math.min(Math.max(target - value, -most), most)
}
