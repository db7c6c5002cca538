// Sends one batch of lines and says what became of it; trying again is the recorder's work.

import type { InfluxHttp } from './http.ts'

/** Where lines go: `/api/v2/write` of InfluxDB 2 and 3, or `/write` of InfluxDB 1. */
export type Target = { org: string; bucket: string } | { database: string }

/** Resolves once InfluxDB has answered 204; rejects with StoreError. */
export async function writeLines({ client }: InfluxHttp, target: Target, lines: string): Promise<void> {
  const { org, bucket } = 'bucket' in target ? target : { org: '', bucket: '' }
  const api = client.getWriteApi(org, bucket, 'ms', {
    // The library would drop lines after its retries, and send a full buffer on its own without telling of an error.
    maxRetries: 0,
    flushInterval: 0,
    batchSize: 2, // all lines go in as one record
    maxBatchBytes: Number.POSITIVE_INFINITY,
    // The database is near; the processor time is worth more than the bytes.
    gzipThreshold: Number.POSITIVE_INFINITY,
    // Taking the error here keeps the library from logging it, and from its own idea of what an error is.
    writeFailed: async (error) => Promise.reject(error),
  })
  if ('database' in target) api.path = `/write?db=${encodeURIComponent(target.database)}&precision=ms`
  api.writeRecord(lines)
  await api.flush()
}
