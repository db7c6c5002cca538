// Says what an answer of InfluxDB means for the readings: try again, look at a setting, or put them aside.

import { HttpError } from '@influxdata/influxdb-client'
import { StoreError } from '../../core/errors.ts'

/** The variables to name when InfluxDB does not let us in, or does not know what we ask for. */
export interface Settings {
  readonly login: string
  readonly database: string
}

/** Anything that went wrong on the way to InfluxDB or came back from it. */
export function faultOf(error: unknown, settings: Settings, now: () => number = Date.now): StoreError {
  if (error instanceof StoreError) return error
  if (error instanceof HttpError) return faultOfStatus(error, settings, now)
  const message = error instanceof Error ? error.message : String(error)
  return new StoreError('unavailable', `InfluxDB is not reachable: ${message}`, { cause: error })
}

function faultOfStatus(error: HttpError, { login, database }: Settings, now: () => number): StoreError {
  const status = error.statusCode
  const message = `InfluxDB answered ${status}: ${wordsOf(error)}`
  switch (status) {
    case 400:
    case 413:
    case 422:
      return new StoreError('refused', message, { cause: error })
    case 401:
    case 403:
      return new StoreError('misconfigured', message, { setting: login, cause: error })
    case 404: {
      const setting = /organization/i.test(message) ? 'TELEHUB_INFLUX_ORG' : database
      return new StoreError('misconfigured', message, { setting, cause: error })
    }
    default: {
      // Also 200 and 302: whoever answered that was not InfluxDB, perhaps a captive portal.
      const retryAfterMs = parseRetryAfter(header(error, 'retry-after'), now)
      return new StoreError('unavailable', message, {
        ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
        cause: error,
      })
    }
  }
}

/** Seconds or an HTTP date (RFC 9110 §10.2.3); the client library takes the seconds for milliseconds. */
export function parseRetryAfter(value: string | undefined, now: () => number = Date.now): number | undefined {
  if (value === undefined) return undefined
  if (/^\d+$/.test(value.trim())) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? undefined : Math.max(0, at - now())
}

function header(error: HttpError, name: string): string | undefined {
  const value = error.headers?.[name]
  return Array.isArray(value) ? value[0] : value
}

/** `error` in InfluxDB 1, `message` in 2. Cut, because a proxy may answer with a whole page. */
function wordsOf(error: HttpError): string {
  const said: unknown = error.json?.error ?? error.json?.message ?? error.body ?? error.statusMessage
  return String(said ?? '')
    .trim()
    .slice(0, 500)
}
