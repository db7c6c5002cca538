// Knows the field keys of the measurement: which metric and type is written under which key.

import type { MetricType } from '../../protocol/index.ts'
import { decodeName, encodeMetric } from './line-protocol.ts'

/**
 * In InfluxDB a field has one type for all devices. The first type seen has the metric's plain name, `state`; the same
 * metric of another type on another device goes to `state:string`. Grows with the number of field keys.
 */
export interface Fields {
  /** Where values of this metric and type go from now on. */
  keyFor(metric: string, type: MetricType): string
  /** Where they may have gone, mostly one. */
  keysOf(metric: string): readonly { key: string; type: MetricType }[]
}

const types: readonly MetricType[] = ['number', 'boolean', 'string']

const typeOfField: Record<string, MetricType | undefined> = {
  float: 'number',
  integer: 'number',
  unsigned: 'number',
  boolean: 'boolean',
  string: 'string',
}

/** `rows` as `SHOW FIELD KEYS` has them: key and InfluxDB's type. */
export function createFields(rows: Iterable<readonly [key: string, fieldType: string]>): Fields {
  const present = new Map<string, MetricType>()
  for (const [key, fieldType] of rows) {
    const type = typeOfField[fieldType]
    if (type) present.set(key, type)
  }

  function choose(metric: string, type: MetricType): string {
    const plain = encodeMetric(metric)
    const typed = `${plain}:${type}`
    // What once went to the typed key stays there, even if the other type is gone by now.
    if (present.has(typed)) return typed
    return (present.get(plain) ?? type) === type ? plain : typed
  }

  return {
    keyFor(metric, type) {
      const key = choose(metric, type)
      present.set(key, type)
      return key
    },
    keysOf(metric) {
      const plain = encodeMetric(metric)
      return [plain, ...types.map((type) => `${plain}:${type}`)].flatMap((key) => {
        const type = present.get(key)
        return type ? [{ key, type }] : []
      })
    },
  }
}

/** The metric that a field key belongs to. */
export function metricOf(key: string): string {
  const [plain = ''] = key.split(':')
  return decodeName(plain)
}
