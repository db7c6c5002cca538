// The series stores a story is told with: the embedded one, and a real InfluxDB 1.6.

import { startInflux } from '../../infra/services/influxdb.ts'

export const stores = [
  { name: 'DuckDB', needs: [] as const, environment: async () => ({ environment: {}, stop: async () => {} }) },
  {
    name: 'InfluxDB 1.6',
    needs: ['influxdb'] as const,
    async environment() {
      const influx = await startInflux()
      return { environment: { INFLUX_URL: influx.url, INFLUX_DATABASE: 'telehub' }, stop: influx.stop }
    },
  },
]
