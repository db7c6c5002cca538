// Shows that the test database keeps what was written through a kill, and leaves nothing behind.

import { describe, expect, it } from 'vitest'
import { available } from './available.ts'
import { startInflux } from './influxdb.ts'

describe.skipIf(!available('influxdb'))('the test database', () => {
  it('keeps a point through a kill and is gone after stop', async () => {
    const influx = await startInflux()
    try {
      await fetch(`${influx.url}/query?q=CREATE+DATABASE+t`, { method: 'POST' })
      const written = await fetch(`${influx.url}/write?db=t`, { method: 'POST', body: 'pump temperature=21.5 1000' })
      expect(written.status).toBe(204)
      await influx.kill()
      await influx.restart()
      const answer = await fetch(`${influx.url}/query?db=t&q=SELECT+temperature+FROM+pump`)
      expect(await answer.text()).toContain('21.5')
    } finally {
      await influx.stop()
    }
    await expect(fetch(`${influx.url}/ping`)).rejects.toThrow()
  })
})
