// Shows that a taken port ends the start before anything runs, with all that is needed to mend it.

import { once } from 'node:events'
import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { freePort } from '../services/free-port.ts'
import { requireFreePorts } from './ports.mjs'

const hub = { hosts: ['127.0.0.1'], wantedBy: 'the hub', moveWith: '--port' }
const page = { hosts: ['127.0.0.1', '::1'], wantedBy: 'the console', moveWith: '--console-port' }

it('is content with free ports', async () => {
  await requireFreePorts([
    { ...hub, port: await freePort() },
    { ...page, port: await freePort() },
  ])
})

it('names each taken port, who wanted it and what moves it', async () => {
  const first = await taken()
  const second = await taken()

  const problem = await requireFreePorts([
    { ...hub, port: first.port },
    { ...page, port: second.port },
  ]).catch((error) => error.message)
  expect(problem).toBe(
    `Port ${first.port} is taken; the hub wanted it. Move it: --port\n` +
      `Port ${second.port} is taken; the console wanted it. Move it: --console-port`,
  )
  first.server.close()
  second.server.close()
})

it('notices two parts that want the same port', async () => {
  const port = await freePort()
  await expect(
    requireFreePorts([
      { ...hub, port },
      { ...page, port },
    ]),
  ).rejects.toThrow(`Port ${port} is wanted by the hub and by the console. Move one: --port or --console-port`)
})

async function taken() {
  const port = await freePort()
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { port, server }
}
