// The AsyncAPI 3.0 document of both sockets and the MQTT topics, made from the message schemas.

import * as protocol from '../../protocol/index.ts'
import { subprotocols } from '../../protocol/index.ts'
import type { Schema } from './endpoint.ts'
import { createComponents } from './schemas.ts'

type Json = Record<string, unknown>
type Union = Schema & {
  def: { options: readonly (Schema & { shape: { type: { def: { values: readonly string[] } } } })[] }
}

/** Each direction of each socket: whose union on `type`, and whether the hub receives or sends it. */
const directions = [
  { channel: 'device', action: 'receive', prefix: 'fromDevice', union: protocol.DeviceMessage as unknown as Union },
  { channel: 'device', action: 'send', prefix: 'toDevice', union: protocol.ToDevice as unknown as Union },
  { channel: 'console', action: 'receive', prefix: 'fromConsole', union: protocol.ConsoleMessage as unknown as Union },
  { channel: 'console', action: 'send', prefix: 'toConsole', union: protocol.ToConsole as unknown as Union },
] as const

const topics = [
  {
    name: 'telemetry',
    action: 'receive',
    address: 'telehub/v1/{device}/telemetry',
    schema: undefined,
    summary: '`{at?, values}`, an array of those, or `{"<metric>": <value>}`.',
  },
  {
    name: 'profile',
    action: 'receive',
    address: 'telehub/v1/{device}/profile',
    schema: protocol.Profile,
    summary: 'Retained: what the device is.',
  },
  {
    name: 'status',
    action: 'receive',
    address: 'telehub/v1/{device}/status',
    schema: undefined,
    summary: 'Retained: `online` or, as last will, `offline`.',
  },
  {
    name: 'commands',
    action: 'send',
    address: 'telehub/v1/{device}/commands/{id}',
    schema: protocol.DeviceCommand,
    summary: 'QoS 1, never retained.',
  },
  {
    name: 'replies',
    action: 'receive',
    address: 'telehub/v1/{device}/commands/{id}/reply',
    schema: protocol.Reply,
    summary: 'What the device says about a command.',
  },
] as const

export function asyncapiOf(version: string): Json {
  const { schemas, ref } = createComponents()
  const messages: Record<string, Json> = {}
  const channels: Record<string, Json> = {}
  const operations: Record<string, Json> = {}

  for (const path of ['device', 'console'] as const)
    channels[path] = {
      address: `/ws/${path}`,
      servers: [{ $ref: '#/servers/hub' }],
      messages: {} as Json,
      description: socketWords[path],
    }
  for (const { channel, action, prefix, union } of directions) {
    const names = union.def.options.map((option) => {
      const [type = ''] = option.shape.type.def.values
      const name = `${prefix}.${type}`
      messages[name] = { name: type, payload: ref(option) }
      addMessage(channels[channel], name)
      return name
    })
    operations[prefix] = operationOf(action, channel, names)
  }
  for (const { name, action, address, schema, summary } of topics) {
    messages[`mqtt.${name}`] = { name, summary, payload: schema ? ref(schema) : {} }
    const parameters = Object.fromEntries([...address.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => [parameter, {}]))
    channels[`mqtt.${name}`] = { address, parameters, servers: [{ $ref: '#/servers/broker' }], messages: {} }
    addMessage(channels[`mqtt.${name}`], `mqtt.${name}`)
    operations[`mqtt.${name}`] = operationOf(action, `mqtt.${name}`, [`mqtt.${name}`])
  }
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Telehub',
      version,
      description: 'Messages of the WebSockets and of MQTT. `receive`: the hub does.',
    },
    servers: {
      hub: {
        host: 'localhost:8080',
        protocol: 'ws',
        description: `Subprotocols ${Object.values(subprotocols).join(', ')}`,
      },
      broker: { host: 'localhost:1883', protocol: 'mqtt', protocolVersion: '3.1.1' },
    },
    channels,
    operations,
    components: { schemas, messages },
  }
}

const socketWords = {
  device: 'Devices and gateways; an Origin header is refused here.',
  console: 'Pages of allowed origins with a ticket, and programs with a key.',
}

function addMessage(channel: Json | undefined, name: string): void {
  Object.assign(channel?.messages as Json, { [pointerSafe(name)]: { $ref: `#/components/messages/${name}` } })
}

function operationOf(action: string, channel: string, names: readonly string[]): Json {
  return {
    action,
    channel: { $ref: `#/channels/${channel}` },
    messages: names.map((name) => ({ $ref: `#/channels/${channel}/messages/${pointerSafe(name)}` })),
  }
}

function pointerSafe(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1')
}
