// Chooses what carries a device's link.

import type { Format, Transport } from '@telehub/hub/protocol'
import type { Carrier } from './carrier.ts'
import { httpCarrier } from './http.ts'
import { mqttCarrier } from './mqtt.ts'
import { wsCarrier } from './ws.ts'

export interface Endpoints {
  readonly url: string
  readonly mqttUrl: string
  readonly key: string
  readonly format: Format
}

export function carriersTo({ url, mqttUrl, key, format }: Endpoints): Record<Transport, Carrier> {
  return {
    ws: wsCarrier({ url, key, format }),
    http: httpCarrier({ url, key }),
    mqtt: mqttCarrier({ url: mqttUrl, key }),
  }
}
