// Puts bytes of the journal that cannot be read aside, for a person to look at, and says so once.

import { join } from 'node:path'
import type { Log } from '../../core/ports.ts'
import type { Disk, DiskFile } from './disk.ts'
import { codeOf, readFully, writeFully } from './disk.ts'
import type { Damage } from './scan.ts'
import type { Segment } from './segment.ts'

export interface Quarantine {
  /** Copies the damaged bytes to `quarantine/` and logs an error with the positions that are missing. Never rejects. */
  keep(segment: Segment, file: DiskFile, damage: Damage): Promise<void>
  /** Moves a whole file there. */
  move(segment: Segment): Promise<void>
}

/** What is kept there grows only with damage, never past the journal's own size, and goes when a person deletes it. */
export function createQuarantine({ disk, dir, log }: { disk: Disk; dir: string; log: Log }): Quarantine {
  const room = join(dir, 'quarantine')
  const reported = new Set<string>()

  async function copy(file: DiskFile, { from, to }: Damage, name: string): Promise<string> {
    const bytes = Buffer.allocUnsafe(to.offset - from.offset)
    await readFully(file, bytes, from.offset)
    await disk.makeDir(room)
    const kept = await disk.open(join(room, name), 'create')
    try {
      await writeFully(kept, bytes, 0)
      await kept.datasync()
    } finally {
      await kept.close()
    }
    return join(room, name)
  }

  async function tryCopy(file: DiskFile, damage: Damage, name: string): Promise<Record<string, unknown>> {
    if (damage.to.offset === damage.from.offset) return {}
    try {
      return { keptAs: await copy(file, damage, name) }
    } catch (error) {
      // An earlier start of the hub has already put these bytes aside.
      if (codeOf(error) === 'EEXIST') return { keptAs: join(room, name) }
      return { notKept: error }
    }
  }

  return {
    async keep(segment, file, damage) {
      const name = `${segment.name}-${damage.from.offset}.damaged`
      if (reported.has(name)) return
      reported.add(name)
      const kept = await tryCopy(file, damage, name)
      log.error('journal damaged: readings are missing', {
        segment: segment.path,
        offset: damage.from.offset,
        bytes: damage.to.offset - damage.from.offset,
        fromPosition: damage.from.position,
        toPosition: damage.to.position,
        ...kept,
      })
    },
    async move({ path, name }) {
      await disk.makeDir(room)
      await disk.rename(path, join(room, name))
      await disk.syncDir(dir)
      log.error('journal damaged: a segment has no readable record', { segment: path, keptAs: join(room, name) })
    },
  }
}
