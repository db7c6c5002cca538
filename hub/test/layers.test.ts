// The dependency rule, executed on every source file of the repository, and proof that it can fail.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { violations } from './layers.ts'

const root = join(import.meta.dirname, '../..')

const sources = ['hub/src', 'devices-sim/src', 'console/src'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`)
    // Tests may look at any layer from outside.
    .filter((path) => /\.(ts|vue)$/.test(path) && !/\.(test|d)\.ts$/.test(path)),
)

describe('every source file', () => {
  it('is found', () => expect(sources.length).toBeGreaterThan(100))

  it('imports and does only what its layer may', () => {
    const problems = sources.flatMap((path) => violations({ path, text: readFileSync(join(root, path), 'utf8') }))
    expect(problems).toEqual([])
  })
})

describe('the check of the rule', () => {
  it.each([
    ['hub/src/core/intake.ts', `import { openJournal } from '../adapters/journal/journal.ts'`],
    ['hub/src/core/live/live.ts', `import { readFile } from 'node:fs/promises'`],
    ['hub/src/core/intake.ts', `import express from 'express'`],
    ['hub/src/protocol/model.ts', `import type { Log } from '../core/ports.ts'`],
    ['hub/src/protocol/model.ts', `import * as z from 'zod'`],
    ['hub/src/client/index.ts', `export { createIntake } from '../core/intake.ts'`],
    ['hub/src/adapters/http/app.ts', `import { openRecords } from '../sqlite/records.ts'`],
    ['hub/src/adapters/http/app.ts', `import { readConfig } from '../../config.ts'`],
    ['hub/src/config.ts', `import { startHub } from './hub.ts'`],
    ['devices-sim/src/cli.ts', `import { createIntake } from '@telehub/hub/core'`],
    ['devices-sim/src/cli.ts', `import { HubError } from '../../hub/src/core/errors.ts'`],
    ['devices-sim/src/fleet.ts', `const hub = await import('../../hub/src/hub.ts')`],
    ['console/src/main.ts', `import { connect } from '../../hub/src/client/index.ts'`],
    ['console/src/views/X.vue', `<script setup lang="ts">\nimport x from '../../../devices-sim/src/cli.ts'\n</script>`],
  ])('refuses that %s says %s', (path, text) => {
    expect(violations({ path, text })).toEqual([expect.stringMatching(`^${path} must not import`)])
  })

  it.each([
    ['hub/src/core/intake.ts', 'const at = Date.now()', 'have a clock of its own'],
    ['hub/src/adapters/http/app.ts', 'const port = process.env.PORT', 'read the environment'],
    ['hub/src/hub.ts', 'process.exit(1)', 'end the process'],
  ])('refuses that %s does %s', (path, text, words) => {
    expect(violations({ path, text })).toEqual([`${path} must not ${words}`])
  })

  it('refuses a file that is in no layer', () => {
    expect(violations({ path: 'hub/src/utils/misc.ts', text: '' })).toEqual(['hub/src/utils/misc.ts is in no layer'])
  })

  it.each([
    [
      'hub/src/core/intake.ts',
      `import { randomBytes } from 'node:crypto'\nimport type { Value } from '../protocol/index.ts'`,
    ],
    ['hub/src/adapters/http/app.ts', `import { router } from './devices.ts'\nimport express from 'express'`],
    ['hub/src/core/ports.ts', '// Never Date.now() or process.env here.'],
    ['console/src/main.ts', `import { connect } from '@telehub/hub/client'\nimport { createApp } from 'vue'`],
  ])('is content when %s says %s', (path, text) => {
    expect(violations({ path, text })).toEqual([])
  })
})
