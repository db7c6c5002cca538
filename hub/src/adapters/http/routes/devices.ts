// Devices: found, looked at, named by people, forgotten; and the profile a device gives itself.

import * as z from 'zod/mini'
import { HubError } from '../../../core/errors.ts'
import { Device, DeviceList, DevicePatch, PresenceStatus, Profile } from '../../../protocol/index.ts'
import { type Endpoint, endpoint } from '../endpoint.ts'
import type { HttpParts } from '../parts.ts'
import { linkToNext, page } from '../query.ts'
import { deviceSorts, findDevices } from './find-devices.ts'
import { deviceOf } from './readings.ts'

const path = '/api/v1/devices/{id}'
const DeviceQuery = z.strictObject({
  q: z.optional(z.string().check(z.maxLength(200))),
  status: z.optional(PresenceStatus),
  type: z.optional(z.string().check(z.maxLength(200))),
  tag: z.optional(z.string().check(z.maxLength(64))),
  sort: z._default(z.enum(deviceSorts), 'name'),
  ...page,
})

export function deviceRoutes({ devices }: Pick<HttpParts, 'devices'>): Endpoint[] {
  function known(id: string): Device {
    const device = devices.get(id)
    if (!device) throw new HubError('not-found', `There is no device "${id}".`)
    return device
  }
  const shown = (device: Device) => ({ status: 200, headers: { ETag: `"${device.version}"` }, body: device })

  return [
    endpoint({
      method: 'get',
      path: '/api/v1/devices',
      summary: 'Devices with profile, presence and latest values; `q` looks in id, name, type and tags.',
      may: 'read',
      query: DeviceQuery,
      answers: { 200: DeviceList },
      async handle({ query, url }) {
        const { found, total, next } = findDevices(devices.list(), query)
        return { status: 200, headers: linkToNext(url, next), body: { devices: found, total, next } }
      },
    }),
    endpoint({
      method: 'get',
      path,
      summary: 'One device; its ETag is the version of what people and its profile say about it.',
      may: 'read',
      answers: { 200: Device },
      handle: async ({ params }) => shown(known(params.id ?? '')),
    }),
    endpoint({
      method: 'patch',
      path,
      summary: 'Name, tags and notes of a device; null gives them back to its profile.',
      may: 'administer',
      audit: 'device.update',
      body: DevicePatch,
      headers: { 'If-Match': 'Refuse unless the device still has this ETag.' },
      answers: { 200: Device },
      async handle({ params, body, header }) {
        const { id, version } = known(params.id ?? '')
        return shown(await devices.update(id, body, expected(header('if-match'), version)))
      },
    }),
    endpoint({
      method: 'delete',
      path,
      summary: 'Forget a device and all its series. It comes back, empty, when it reports again.',
      may: 'administer',
      audit: 'device.remove',
      answers: { 204: 'nothing' },
      async handle({ params }) {
        await devices.remove(known(params.id ?? '').id)
        return { status: 204 }
      },
    }),
    endpoint({
      method: 'put',
      path: `${path}/profile`,
      summary: 'A device says what it is: for devices that only speak HTTP.',
      may: 'ingest',
      body: Profile,
      answers: { 200: Device },
      async handle({ params, body, caller }) {
        const id = z.safeParse(Device.shape.id, params.id)
        if (!id.success) throw new HubError('bad-name', 'A device id is 1 to 64 of the characters A–Z a–z 0–9 _ . : -')
        return shown(await devices.hello(deviceOf({ device: id.data }, caller, ''), body))
      },
    }),
  ]
}

/** The version an `If-Match` header asks for (RFC 9110 §13.1.1). HubError `bad-request`, `precondition-failed`. */
function expected(ifMatch: string | undefined, current: number): number | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined
  const tags = ifMatch.split(',').map((tag) => tag.trim())
  if (!tags.every((tag) => /^(?:W\/)?"[^"]*"$/.test(tag)))
    throw new HubError('bad-request', 'Write If-Match as the device gave its ETag, with the quotes.')
  if (tags.includes(`"${current}"`)) return current
  throw new HubError('precondition-failed', `The device was changed since; it is at version ${current}.`)
}
