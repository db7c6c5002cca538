// Says which real servers this machine has, so that a suite without its server is skipped in sight of everyone.

import { findProgram, servers } from './programs.mjs'

export type Service = keyof typeof servers

/**
 * Whether tests can start it: `describe.skipIf(!available('influxdb'))`. With `CI=true` a missing one throws, because a
 * run that proves less than it seems to is worse than one that fails.
 */
export function available(service: Service): boolean {
  const found = findProgram(service) !== undefined
  if (!found && process.env.CI === 'true') throw new Error(missing(service))
  return found
}

/** Full path of its program. Throws when there is none. */
export function programOf(service: Service): string {
  const found = findProgram(service)
  if (found === undefined) throw new Error(missing(service))
  return found
}

function missing(service: Service): string {
  return `${service} is not installed: none of ${servers[service].programs.join(', ')} is on the PATH`
}
