// Makes InfluxQL from names and times; the only place where a query is put together from parts.

import { encodeName, hourMeasurement, measurement, minuteMeasurement } from './line-protocol.ts'

/** InfluxDB counts ns in 64 bits, so its times end in 1677 and 2262. */
const lastInstant = 9_223_372_036_854

/** `"…"`, with the escapes of the InfluxQL specification ("Identifiers"). */
export function identifier(name: string): string {
  return `"${name.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`
}

/** `'…'`, with the escapes of the InfluxQL specification ("String literals"). */
export function text(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&').replaceAll('\n', '\\n')}'`
}

export const fromTelemetry = `FROM ${measurement}`
export const fromMinutes = `FROM ${minuteMeasurement}`
export const fromHours = `FROM ${hourMeasurement}`

export function ofDevice(device: string): string {
  return `device = ${text(encodeName(device))}`
}

/** `from <= time < to`, in ms. */
export function within({ from, to }: { from: number; to: number }): string {
  return `time >= ${instant(from)} AND time < ${instant(to)}`
}

/** `tag` adds one series of answers for each of its values. */
export function everyMs(bucketMs: number, tag?: 'device'): string {
  return `GROUP BY time(${Math.trunc(bucketMs)}ms)${tag ? `, "${tag}"` : ''} fill(none)`
}

export function limit(count: number): string {
  return `LIMIT ${Math.trunc(count)}`
}

function instant(at: number): string {
  return `${Math.trunc(Math.min(Math.max(at, -lastInstant), lastInstant))}ms`
}
