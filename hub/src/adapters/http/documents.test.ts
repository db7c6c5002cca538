// The API documents say what the hub does: every route and every message, and nothing else.

import type { Express } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type HttpHub, startHttpHub } from '../../../test/http-hub.ts'
import * as protocol from '../../protocol/index.ts'

let hub: HttpHub
beforeAll(async () => {
  hub = await startHttpHub()
})
afterAll(() => hub.close())

type Layer = { route?: { path: string; stack: { method?: string }[] } }

function routesOf({ router }: Express): string[] {
  const layers = (router as unknown as { stack: Layer[] }).stack
  return layers
    .flatMap(({ route }) =>
      (route?.stack ?? []).filter(({ method }) => method).map(({ method }) => `${method} ${route?.path}`),
    )
    .sort()
}

/** Every `$ref` of a document. */
function refsOf(document: unknown): string[] {
  return [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref as string)
}

function lookUp(document: unknown, ref: string): unknown {
  return ref
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (place, step) =>
        (place as Record<string, unknown> | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    )
}

describe('the OpenAPI document', () => {
  it('has every route of the app, and the app every route of the document', async () => {
    const { body } = await hub.ask('GET', '/openapi.json')
    const documented = Object.entries(body.paths as Record<string, object>).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    )
    expect(documented.sort()).toEqual(routesOf(hub.app))
    expect(documented.length).toBeGreaterThan(25)
  })

  it('refers only to what it has, in 3.1 form', async () => {
    const { body } = await hub.ask('GET', '/openapi.json')
    expect(body.openapi).toBe('3.1.0')
    expect(refsOf(body).filter((ref) => lookUp(body, ref) === undefined)).toEqual([])
    expect(body.components.schemas).not.toHaveProperty('__shared')
    expect(body.components.schemas.Device.properties.presence).toEqual({ $ref: '#/components/schemas/Presence' })
  })

  it('names each operation once and shows its query', async () => {
    const { body } = await hub.ask('GET', '/openapi.json')
    const operations = Object.values(body.paths as Record<string, object>).flatMap(
      (path) => Object.values(path) as { operationId: string }[],
    )
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length)
    const names = body.paths['/api/v1/devices'].get.parameters.map(({ name }: { name: string }) => name)
    expect(names).toEqual(['q', 'status', 'type', 'tag', 'sort', 'limit', 'cursor'])
  })
})

describe('the AsyncAPI document', () => {
  it.each([
    ['fromDevice', protocol.DeviceMessage],
    ['toDevice', protocol.ToDevice],
    ['fromConsole', protocol.ConsoleMessage],
    ['toConsole', protocol.ToConsole],
  ])('has every message %s', async (direction, union) => {
    const { body } = await hub.ask('GET', '/asyncapi.json')
    const types = union.def.options.map((option) => (option.shape.type as { def: { values: unknown[] } }).def.values[0])
    const documented = Object.keys(body.components.messages).filter((name) => name.startsWith(`${direction}.`))
    expect(documented.sort()).toEqual(types.map((type) => `${direction}.${type}`).sort())
    expect(body.operations[direction].messages).toHaveLength(types.length)
  })

  it('refers only to what it has', async () => {
    const { body } = await hub.ask('GET', '/asyncapi.json')
    expect(body.asyncapi).toBe('3.0.0')
    expect(refsOf(body).filter((ref) => lookUp(body, ref) === undefined)).toEqual([])
  })
})
