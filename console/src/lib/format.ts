// Turns values, ages, durations and instants into the words and figures on screen.

import type { MetricProfile, Value } from '@telehub/hub/protocol'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const numberFormats = new Map<string, Intl.NumberFormat>()

/** A number with the decimals its profile gives, or with as many as four digits need. */
export function formatNumber(value: number, precision?: number, locale?: string): string {
  const decimals = precision ?? digitsOf(value)
  const key = `${locale ?? ''}:${decimals}:${precision === undefined}`
  let format = numberFormats.get(key)
  if (!format) {
    format = new Intl.NumberFormat(locale, {
      minimumFractionDigits: precision === undefined ? 0 : decimals,
      maximumFractionDigits: decimals,
    })
    numberFormats.set(key, format)
  }
  // A real minus sign is as wide as a digit; the hyphen most locales give is not.
  return format.format(value).replace('-', '−')
}

/** A value without its unit: `81.4`, `on`, `cooling`. */
export function formatValue(value: Value, metric?: MetricProfile, locale?: string): string {
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (typeof value === 'string') return value === '' ? '(empty)' : value
  return formatNumber(value, metric?.precision, locale)
}

/** A value with its unit, as it is read out loud: `81.4 °C`. */
export function formatMeasure(value: Value, metric?: MetricProfile, locale?: string): string {
  const text = formatValue(value, metric, locale)
  return typeof value === 'number' && metric?.unit ? `${text} ${metric.unit}` : text
}

/** How long ago, in one unit: `now`, `12 s`, `4 min`, `3 h`, `2 d`. Clocks differ a little: the future is `now`. */
export function formatAge(ageMs: number): string {
  if (ageMs < 2 * second) return 'now'
  if (ageMs < minute) return `${Math.floor(ageMs / second)} s`
  if (ageMs < hour) return `${Math.floor(ageMs / minute)} min`
  if (ageMs < 2 * day) return `${Math.floor(ageMs / hour)} h`
  return `${Math.floor(ageMs / day)} d`
}

/** `12 s ago`, or `just now`. */
export function formatAgo(ageMs: number): string {
  const age = formatAge(ageMs)
  return age === 'now' ? 'just now' : `${age} ago`
}

/** How long something took: `210 ms`, `3.2 s`, `1 min 5 s`, `2 h 4 min`. */
export function formatDuration(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 10 * second) return `${(ms / second).toFixed(1).replace(/\.0$/, '')} s`
  if (ms < minute) return `${Math.round(ms / second)} s`
  if (ms < hour) return joined(Math.floor(ms / minute), 'min', Math.floor((ms % minute) / second), 's')
  if (ms < day) return joined(Math.floor(ms / hour), 'h', Math.floor((ms % hour) / minute), 'min')
  return joined(Math.floor(ms / day), 'd', Math.floor((ms % day) / hour), 'h')
}

const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})
const shortClock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const fullDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })

/** Local time of day, with the date in front when it is not the day of `now`. */
export function formatClock(at: number, now: number): string {
  return sameDay(at, now) ? clock.format(at) : `${date.format(at)} ${shortClock.format(at)}`
}

/** Local date and time, complete. */
export function formatInstant(at: number): string {
  return `${fullDate.format(at)}, ${clock.format(at)}`
}

/** The label of one tick of a time axis whose ticks are `stepMs` apart. */
export function formatTick(at: number, stepMs: number): string {
  if (stepMs < minute) return clock.format(at)
  if (stepMs < day) return isMidnight(at) ? date.format(at) : shortClock.format(at)
  return date.format(at)
}

/** How many decimals say a number exactly: 2 for 0.25. At most six. */
export function decimalsOf(value: number): number {
  let decimals = 0
  while (decimals < 6 && Math.abs(value * 10 ** decimals - Math.round(value * 10 ** decimals)) > 1e-6) decimals += 1
  return decimals
}

/** `1 device`, `52 devices`. */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count, 0)} ${count === 1 ? one : many}`
}

function digitsOf(value: number): number {
  const size = Math.abs(value)
  if (size === 0 || size >= 1_000) return 0
  return Math.min(6, Math.max(0, 3 - Math.floor(Math.log10(size))))
}

function joined(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`
}

function sameDay(a: number, b: number): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString()
}

function isMidnight(at: number): boolean {
  const time = new Date(at)
  return time.getHours() === 0 && time.getMinutes() === 0
}
