// Draws what a boolean or text metric was, and for how long: coloured bands with their words where they fit.

import type { Value } from '@telehub/hub/protocol'
import type { Band } from '../lib/bands.ts'
import { formatTick, formatValue } from '../lib/format.ts'
import type { Missing } from '../lib/gaps.ts'
import type { Span } from '../lib/range.ts'
import { hatch } from './hatch.ts'

export interface BandColours {
  accent: string
  onAccent: string
  sunken: string
  ink: string
  muted: string
  /** For texts, in the order in which they are met. */
  texts: readonly string[]
  surface: string
}

const bandHeight = 32
const tickRoom = 20
export const bandCanvasHeight = bandHeight + tickRoom
const font = '12px "Inter Variable", system-ui, sans-serif'

export function drawBands(
  context: CanvasRenderingContext2D,
  width: number,
  { bands, span, gaps }: { bands: readonly Band[]; span: Span; gaps: readonly Missing[] },
  colours: BandColours,
): void {
  const xOf = (at: number) => Math.min(width, Math.max(0, ((at - span.from) / (span.to - span.from)) * width))
  const names = [...new Set(bands.map(({ value }) => value))]
  context.font = font
  context.textBaseline = 'middle'
  context.save()
  context.beginPath()
  context.roundRect(0, 0, width, bandHeight, 6)
  context.clip()
  for (const { from, to, value } of bands) {
    const x = xOf(from)
    const length = Math.max(1, xOf(to) - x)
    const { fill, text } = coloursOf(value, names.indexOf(value), colours)
    context.fillStyle = fill
    context.fillRect(x, 0, length, bandHeight)
    label(context, formatValue(value), x, length, text)
  }
  context.restore()
  for (const gap of gaps)
    hatch(context, { x: xOf(gap.from), y: 0, width: xOf(gap.to) - xOf(gap.from), height: bandHeight }, colours.muted)
  drawTicks(context, width, span, colours.muted)
}

/** The band under a point of the canvas. */
export function bandAt(bands: readonly Band[], span: Span, share: number): Band | undefined {
  const at = span.from + share * (span.to - span.from)
  return bands.findLast((band) => band.from <= at && at < band.to)
}

function coloursOf(value: Value, index: number, colours: BandColours): { fill: string; text: string } {
  if (value === true) return { fill: colours.accent, text: colours.onAccent }
  if (value === false) return { fill: colours.sunken, text: colours.ink }
  return { fill: colours.texts[index % colours.texts.length] ?? colours.accent, text: colours.surface }
}

function label(context: CanvasRenderingContext2D, text: string, x: number, length: number, colour: string): void {
  if (context.measureText(text).width + 16 > length) return
  context.fillStyle = colour
  context.textAlign = 'left'
  context.fillText(text, x + 8, bandHeight / 2)
}

function drawTicks(context: CanvasRenderingContext2D, width: number, { from, to }: Span, colour: string): void {
  context.fillStyle = colour
  const step = (to - from) / 4
  for (const [i, align] of (['left', 'center', 'right'] as const).entries()) {
    context.textAlign = align
    context.fillText(formatTick(from + 2 * i * step, step), (width / 2) * i, bandHeight + tickRoom / 2 + 2)
  }
}
