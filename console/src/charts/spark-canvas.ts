// Draws a sparkline: one thin line, broken at gaps, with a dot at its end.

import type { Ring } from '../lib/ring.ts'
import { sparkRuns } from '../lib/sparkline.ts'

export interface SparkOptions {
  from: number
  to: number
  gapMs: number
  colour: string
}

/** Room for the line's own width and the dot. */
const inset = 3

export function drawSpark(
  context: CanvasRenderingContext2D,
  box: { width: number; height: number },
  ring: Ring<number>,
  { from, to, gapMs, colour }: SparkOptions,
): void {
  const runs = sparkRuns(ring, from, to, gapMs, { width: box.width - 2 * inset, height: box.height - 2 * inset })
  context.strokeStyle = colour
  context.fillStyle = colour
  context.lineWidth = 1.5
  context.lineJoin = 'round'
  context.beginPath()
  for (const run of runs) {
    for (let i = 0; i < run.length; i += 2) {
      const [x = 0, y = 0] = run.slice(i, i + 2)
      if (i === 0) context.moveTo(x + inset, y + inset)
      else context.lineTo(x + inset, y + inset)
    }
  }
  context.stroke()
  const [x, y] = runs.at(-1)?.slice(-2) ?? []
  if (x === undefined || y === undefined) return
  context.beginPath()
  context.arc(x + inset, y + inset, 2, 0, 2 * Math.PI)
  context.fill()
}
