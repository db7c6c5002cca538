// Carries requests to InfluxDB by its own client library, with a deadline and without its optimism.

import http from 'node:http'
import https from 'node:https'
import { HttpError, InfluxDB, type SendOptions, type Transport } from '@influxdata/influxdb-client'
import { StoreError } from '../../core/errors.ts'
import { faultOf, type Settings } from './faults.ts'

export interface HttpOptions {
  url: string
  token?: string | undefined
  /** Sent with every request; credentials travel here and never in a URL. */
  headers: Record<string, string>
  settings: Settings
  /** From sending a request to the end of its answer. */
  timeoutMs: number
}

export interface InfluxHttp {
  readonly client: InfluxDB
  /** Resolves with the body if the status is the expected one, and rejects with StoreError otherwise, and when `signal` aborts. */
  request(path: string, body: string, options: SendOptions & { expect: number }): Promise<string>
  close(): void
}

/** A longer answer is an error, so that no query can fill the memory. */
const maxAnswerBytes = 64 * 1024 * 1024

export function createHttp({ url, token, headers, settings, timeoutMs }: HttpOptions): InfluxHttp {
  const agent = url.startsWith('https:')
    ? new https.Agent({ keepAlive: true, maxSockets: 8 })
    : new http.Agent({ keepAlive: true, maxSockets: 8 })
  // Its own time-out only watches for silence, and leaves the request running; the deadline below does both better.
  const { transport } = new InfluxDB({ url, token, headers, timeout: 0, transportOptions: { agent } })

  /** The library takes 201, an unknown status and one kind of error for success; only the expected status is. */
  function strict(expect: number): Transport['send'] {
    return (path, body, options, callbacks) => {
      const deadline = AbortSignal.timeout(timeoutMs)
      let status: number | undefined
      let headers: HttpError['headers']
      const signal = options.signal as AbortSignal | undefined
      const fail = (error: Error) => {
        const late = deadline.aborted && new StoreError('unavailable', `InfluxDB gave no answer within ${timeoutMs} ms`)
        callbacks?.error?.(late || faultOf(error, settings))
      }
      transport.send(
        path,
        body,
        { ...options, signal: signal ? AbortSignal.any([deadline, signal]) : deadline },
        {
          ...callbacks,
          responseStarted(itsHeaders, itsStatus) {
            status = itsStatus
            headers = itsHeaders
            callbacks?.responseStarted?.(itsHeaders, itsStatus)
          },
          complete() {
            if (status === expect) return callbacks?.complete?.()
            const words = `${expect} was expected`
            fail(new HttpError(status ?? 0, words, undefined, undefined, undefined, undefined, headers))
          },
          error: fail,
        },
      )
    }
  }

  return {
    client: new InfluxDB({
      url,
      transport: {
        chunkCombiner: transport.chunkCombiner,
        send: strict(204),
        request: transport.request.bind(transport),
        iterate: transport.iterate.bind(transport),
      },
    }),

    async request(path, body, { expect, ...options }) {
      const chunks: Uint8Array[] = []
      let bytes = 0
      return new Promise((resolve, reject) => {
        strict(expect)(path, body, options, {
          next(chunk) {
            bytes += chunk.length
            if (bytes <= maxAnswerBytes) chunks.push(chunk)
          },
          error: reject,
          complete() {
            if (bytes <= maxAnswerBytes) return resolve(Buffer.concat(chunks).toString())
            reject(new StoreError('unavailable', `InfluxDB answered with more than ${maxAnswerBytes} bytes`))
          },
        })
      })
    },

    close() {
      agent.destroy()
    },
  }
}
