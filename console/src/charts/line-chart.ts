// Draws numbers over time with uPlot: a line or a mean with its min–max band, gaps shaded. Loaded only when a chart is shown.

import uPlot from 'uplot'
import { decimalsOf, formatNumber, formatTick } from '../lib/format.ts'
import type { Missing } from '../lib/gaps.ts'
import type { PlotData } from '../lib/plot.ts'
import type { Span } from '../lib/range.ts'
import { hatch } from './hatch.ts'

export interface ChartColours {
  accent: string
  line: string
  muted: string
  surface: string
}

export interface LineChartOptions {
  /** `band`: data are x, mean, min, max. */
  kind: 'line' | 'band'
  colours: ChartColours
  /** A range dragged out with the pointer, epoch ms. */
  onSelect(from: number, to: number): void
  /** The reading under the pointer by its index, null when the pointer left. Charts of a page move together. */
  onCursor(index: number | null): void
}

export interface LineChart {
  show(data: PlotData, span: Span, gaps: readonly Missing[]): void
  resize(width: number, height: number): void
  destroy(): void
}

const font = '12px "Inter Variable", system-ui, sans-serif'
const syncKey = 'page'
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
/** Steps between two ticks that people count in, ms. */
const timeSteps = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minute),
  ...[1, 2, 3, 6, 12].map((hours) => hours * hour),
  ...[1, 2, 5, 10].map((days) => days * day),
]
/** Up to this many readings in sight each gets a dot: a lone one would be invisible as a line. */
const dotsUpTo = 24

export function createLineChart(host: HTMLElement, { kind, colours, onSelect, onCursor }: LineChartOptions): LineChart {
  let gaps: readonly Missing[] = []
  const empty: PlotData = kind === 'line' ? [[], []] : [[], [], [], []]

  const chart = new uPlot(
    {
      width: host.clientWidth,
      height: host.clientHeight,
      ms: 1,
      // On the right, half a label of the last tick.
      padding: [8, 20, 0, 0],
      legend: { show: false },
      scales: { x: { time: true, auto: false }, y: { range: yRange } },
      axes: axesOf(colours),
      series: seriesOf(kind, colours),
      bands: kind === 'band' ? [{ series: [3, 2], fill: fade(colours.accent, '33') }] : [],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        sync: { key: syncKey, scales: ['x', null] },
        points: { size: 7, fill: colours.accent, stroke: colours.surface, width: 2, show: kind === 'line' },
        bind: { dblclick: () => null },
      },
      hooks: {
        drawClear: [(u) => shade(u, gaps, colours.muted)],
        setSelect: [(u) => selected(u, onSelect)],
        setCursor: [(u) => onCursor(u.cursor.idx ?? null)],
      },
    },
    empty as uPlot.AlignedData,
    host,
  )

  return {
    show(data, span, missing) {
      gaps = missing
      chart.batch(() => {
        chart.setData(data as uPlot.AlignedData, false)
        chart.setScale('x', { min: span.from, max: span.to })
      })
    },
    resize(width, height) {
      if (width > 0 && height > 0 && (width !== chart.width || height !== chart.height))
        chart.setSize({ width, height })
    },
    destroy: () => chart.destroy(),
  }
}

function axesOf({ line, muted }: ChartColours): uPlot.Axis[] {
  const common = { font, stroke: muted, ticks: { show: false } }
  return [
    {
      ...common,
      grid: { show: false },
      size: 28,
      space: 80,
      incrs: timeSteps,
      values: (_, splits, _axis, _space, step) => splits.map((at) => formatTick(at, step)),
    },
    {
      ...common,
      grid: { stroke: line, width: 1 },
      space: 28,
      size: (_, labels) => 16 + 7 * Math.max(3, ...(labels ?? []).map((label) => label.length)),
      values: (_, splits, _axis, _space, step) => splits.map((value) => formatNumber(value, decimalsOf(step))),
    },
  ]
}

function seriesOf(kind: LineChartOptions['kind'], { accent }: ChartColours): uPlot.Series[] {
  const hidden: uPlot.Series = { stroke: 'transparent', width: 0, points: { show: false } }
  const line: uPlot.Series = {
    stroke: accent,
    width: 1.75,
    spanGaps: false,
    points: { show: (_u, _series, first, last) => last - first < dotsUpTo, size: 5, fill: accent },
  }
  if (kind === 'line') return [{}, { ...line, fill: fade(accent, '14'), fillTo: (u) => u.scales.y?.min ?? 0 }]
  return [{}, line, hidden, hidden]
}

/** A tenth of room above and below; a value that never changes runs through the middle. */
function yRange(_: uPlot, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1]
  const room = max === min ? Math.max(1, Math.abs(max) * 0.05) : (max - min) * 0.1
  return [min - room, max + room]
}

function selected(u: uPlot, onSelect: LineChartOptions['onSelect']): void {
  const { left, width } = u.select
  if (width === 0) return
  onSelect(u.posToVal(left, 'x'), u.posToVal(left + width, 'x'))
  u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
}

function shade(u: uPlot, gaps: readonly Missing[], colour: string): void {
  const { left, top, width, height } = u.bbox
  for (const gap of gaps) {
    const from = Math.max(left, u.valToPos(gap.from, 'x', true))
    const to = Math.min(left + width, u.valToPos(gap.to, 'x', true))
    if (to > from) hatch(u.ctx, { x: from, y: top, width: to - from, height }, colour)
  }
}

/** `#rrggbb` with an alpha of two hex digits. */
function fade(colour: string, alpha: string): string {
  return /^#[\da-f]{6}$/i.test(colour) ? `${colour}${alpha}` : colour
}
