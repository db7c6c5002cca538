// The usual fleet of the fault suite: a few devices on every transport that the hub offers.

import type { HubUnderTest } from '../hub-process.ts'
import { httpSender } from './http.ts'
import type { LoadPlan } from './load.ts'
import { mqttSender } from './mqtt.ts'
import { wsSender } from './ws.ts'

/** `suffix` tells the devices of one fleet from those of another one on the same hub. */
export function fleetOn(hub: HubUnderTest, suffix = ''): LoadPlan[] {
  const mqtt = mqttSender({ port: hub.mqttPort, password: () => hub.key('gateway') })
  return [
    { device: `by-ws${suffix}`, via: 'ws', open: wsSender(hub) },
    { device: `by-http${suffix}`, via: 'http', open: httpSender(hub), lanes: 4 },
    { device: `by-mqtt${suffix}`, via: 'mqtt', open: mqtt },
  ]
}

/** Devices whose broker is bridged to the hub. It has no keys. */
export function bridgedOn(broker: { port: number }): LoadPlan[] {
  return [{ device: 'by-bridge', via: 'bridge', open: mqttSender(broker) }]
}
