// The commands that have not ended, found by id and by device; bounded, so that nobody can queue without end.

import type { Command } from '../protocol/index.ts'
import { HubError } from './errors.ts'

const maxOpen = 100_000
const maxOpenOfDevice = 1_000

export function createOpenCommands() {
  /** Oldest first. */
  const byId = new Map<string, Command>()
  const idsOf = new Map<string, Set<string>>()
  return {
    get: (id: string): Command | undefined => byId.get(id),
    /** Ids of the open commands of a device, oldest first. */
    of: (device: string): readonly string[] => [...(idsOf.get(device) ?? [])],
    /** Adds it, or replaces what it was before. */
    add(command: Command) {
      byId.set(command.id, command)
      idsOf.set(command.device, (idsOf.get(command.device) ?? new Set()).add(command.id))
    },
    remove({ id, device }: Pick<Command, 'id' | 'device'>) {
      byId.delete(id)
      const ids = idsOf.get(device)
      ids?.delete(id)
      if (ids?.size === 0) idsOf.delete(device)
    },
    /** HubError `overloaded`. */
    refuseTooMany(device: string) {
      if (byId.size < maxOpen && (idsOf.get(device)?.size ?? 0) < maxOpenOfDevice) return
      const detail = `Too many commands have not ended: ${maxOpenOfDevice} a device, ${maxOpen} in all.`
      throw new HubError('overloaded', detail, { retryAfterMs: 5_000 })
    },
  }
}
