// Checks, before anything is started, that every port is free, and says who wanted a taken one and how to move it.

import { createServer } from 'node:net'

/** @typedef {{ port: number, hosts: readonly string[], wantedBy: string, moveWith: string }} Wish */

/**
 * @param {import('./settings.mjs').Settings} settings
 * @returns {Wish[]}
 */
export function wishesOf({ host, hubPort, consolePort, mqttPort }) {
  const hub = { port: hubPort, hosts: [host], wantedBy: 'the hub', moveWith: '--port or TELEHUB_PORT' }
  // `localhost` is both, and a browser may try either first.
  const page = { port: consolePort, hosts: ['127.0.0.1', '::1'], wantedBy: 'the console', moveWith: '--console-port' }
  if (mqttPort === undefined) return [hub, page]
  const moveWith = 'TELEHUB_MQTT_PORT (0 turns it off)'
  return [hub, page, { port: mqttPort, hosts: [host], wantedBy: "the hub's MQTT broker", moveWith }]
}

/**
 * Throws one Error that names every port that is taken.
 *
 * @param {readonly Wish[]} wishes
 */
export async function requireFreePorts(wishes) {
  const problems = []
  for (const [index, { port, hosts, wantedBy, moveWith }] of wishes.entries()) {
    const twin = wishes.slice(0, index).find((earlier) => earlier.port === port)
    if (twin !== undefined) {
      problems.push(
        `Port ${port} is wanted by ${twin.wantedBy} and by ${wantedBy}. Move one: ${twin.moveWith} or ${moveWith}`,
      )
      continue
    }
    for (const host of hosts) {
      const reason = await whyNot(port, host)
      if (reason !== undefined) {
        problems.push(`Port ${port} ${reason}; ${wantedBy} wanted it. Move it: ${moveWith}`)
        break
      }
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'))
}

/**
 * Why nothing can listen there, or undefined when it can.
 *
 * @param {number} port
 * @param {string} host
 */
async function whyNot(port, host) {
  const server = createServer()
  const code = await new Promise((resolve) => {
    server.once('error', (error) => resolve('code' in error ? error.code : 'unknown'))
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
  switch (code) {
    case undefined:
    // A host this machine does not have is not a taken port: no IPv6, or an address the hub will complain about itself.
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
      return undefined
    case 'EADDRINUSE':
      return 'is taken'
    case 'EACCES':
      return 'is not allowed for this user'
    default:
      return `cannot be used (${code})`
  }
}
