// Finds a port that nothing uses, so that tests can run beside anything.

import { createServer } from 'node:net'

// Below the ephemeral range of Linux (32768 on), macOS and Windows (49152 on): an outgoing connection of another test can
// not take the port between this answer and its use, or while a server under test is down.
const lowest = 20_000
const highest = 32_000

/** A loopback TCP port that was free a moment ago. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if (await isFree(port)) return port
  }
  throw new Error(`no free port found between ${lowest} and ${highest}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
