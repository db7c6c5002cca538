// Writes readings as InfluxDB line protocol; every escape that it needs is here.

import { StoreError } from '../../core/errors.ts'
import type { Batch } from '../../core/ports.ts'
import type { MetricType, Value } from '../../protocol/index.ts'

export const measurement = 'telemetry'
/** What is left of readings that have outlived their retention: see rollup.ts. */
export const minuteMeasurement = 'telemetry_minute'
export const hourMeasurement = 'telemetry_hour'

/**
 * Line protocol cannot carry every name: not a newline, and no backslash at the end. So whatever has a meaning in it
 * (or in InfluxQL) travels as `%XX`, and a name needs no other escape anywhere. Ordinary ids stay as they are.
 */
const special = /[%\\,= "'\p{Cc}]/gu

/** The tag value of a device. */
export function encodeName(name: string): string {
  return name.replace(special, percent)
}

export function decodeName(encoded: string): string {
  return encoded.replace(/%([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}

/** A field key has no colon of its own: see fields.ts. */
export function encodeMetric(metric: string): string {
  return encodeName(metric).replaceAll(':', percent)
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`
}

/**
 * One line a device and time, times in ms. Numbers are always floats. Empty when there is nothing to write. The later of
 * two lines for the same device, metric and time wins in InfluxDB.
 * StoreError `refused` for what line protocol has no form for.
 */
export function toLines(batches: readonly Batch[], keyFor: (metric: string, type: MetricType) => string): string {
  const lines: string[] = []
  for (const batch of batches) {
    const series = `${measurement},device=${encodeName(batch.device)} `
    batch.at.forEach((at, row) => {
      const fields = fieldsAt(batch, row, keyFor)
      if (fields !== '') lines.push(`${series}${fields} ${at}`)
    })
  }
  return lines.join('\n')
}

function fieldsAt(batch: Batch, row: number, keyFor: (metric: string, type: MetricType) => string): string {
  let fields = ''
  batch.metrics.forEach((metric, m) => {
    const value = batch.columns[m]?.[row]
    if (value === null || value === undefined) return
    const key = keyFor(metric, typeof value as MetricType)
    fields += `${fields === '' ? '' : ','}${key}=${fieldValue(value)}`
  })
  return fields
}

export function fieldValue(value: Value): string {
  if (typeof value === 'string') return `"${value.replace(/[\\"]/g, '\\$&')}"`
  if (typeof value === 'number' && !Number.isFinite(value)) throw new StoreError('refused', `${value} is not finite`)
  // -0 becomes 0 here.
  return String(value)
}
