// The profiles that devices can have, by name. A new one is a file here and a line below.

import { freezer } from './freezer.ts'
import { hostKind } from './host.ts'
import { createHostProbe } from './host-probe.ts'
import { meter } from './meter.ts'
import type { Kind } from './model.ts'
import { pump } from './pump.ts'
import { thermostat } from './thermostat.ts'

const simulated: readonly Kind[] = [pump, thermostat, meter, freezer]

export const profileNames: readonly string[] = [...simulated.map((kind) => kind.type), 'host']

/** The kinds of those names; looks at this computer only when it is asked for. Names that are not known are left out. */
export function kindsNamed(names: readonly string[]): Map<string, Kind> {
  const kinds = simulated.filter((kind) => names.includes(kind.type))
  if (names.includes('host')) kinds.push(hostKind(createHostProbe()))
  return new Map(kinds.map((kind) => [kind.type, kind]))
}
