// Shades an interval for which there are no readings: diagonal lines, the same on every chart.

export interface Area {
  x: number
  y: number
  width: number
  height: number
}

const stepPx = 8

/** In the pixels of the context. */
export function hatch(context: CanvasRenderingContext2D, { x, y, width, height }: Area, colour: string): void {
  context.save()
  context.beginPath()
  context.rect(x, y, width, height)
  context.clip()
  context.globalAlpha = 0.4
  context.strokeStyle = colour
  context.lineWidth = 1
  context.beginPath()
  // Anchored to the canvas, not to the interval: the lines stand still while the interval moves.
  for (let start = x - height - ((x - height) % stepPx); start < x + width; start += stepPx) {
    context.moveTo(start, y + height)
    context.lineTo(start + height, y)
  }
  context.stroke()
  context.restore()
}
