// Runs the contract of series stores against every adapter.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe } from 'vitest'
import { available } from '../../../infra/services/available.ts'
import { type Influx, startInflux } from '../../../infra/services/influxdb.ts'
import { openDuckdbStore } from '../../src/adapters/duckdb/store.ts'
import { openInfluxStore } from '../../src/adapters/influx/store.ts'
import { type Place, seriesStoreContract } from './series-store.ts'
import { seriesTiersContract } from './series-tiers.ts'

async function newFolder() {
  const path = await mkdtemp(join(tmpdir(), 'telehub-store-'))
  return { path, remove: async () => rm(path, { recursive: true, force: true }) }
}

async function newDuckdb(): Promise<Place> {
  const folder = await newFolder()
  return { open: async () => openDuckdbStore({ file: join(folder.path, 'series.duckdb') }), remove: folder.remove }
}

seriesStoreContract('duckdb', newDuckdb)
seriesTiersContract('duckdb', newDuckdb)

describe.skipIf(!available('influxdb'))('with a real InfluxDB', () => {
  let influx: Influx
  let databases = 0
  beforeAll(async () => {
    influx = await startInflux()
  })
  afterAll(async () => influx.stop())

  async function newInflux(): Promise<Place> {
    const folder = await newFolder()
    databases += 1
    const database = `telehub_${databases}`
    const markFile = join(folder.path, 'mark.json')
    return {
      open: async () => openInfluxStore({ url: influx.url, bucket: '', database, markFile }),
      remove: folder.remove,
    }
  }

  seriesStoreContract('influxdb 1.6', newInflux)
  seriesTiersContract('influxdb 1.6', newInflux)
})
