// Shows when something is built again.

import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { isStale } from './build.mjs'

let folder: string
let output: string
let source: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telehub-build-'))
  output = join(folder, 'output.js')
  source = join(folder, 'src', 'deep', 'source.ts')
  mkdirSync(join(folder, 'src', 'deep'), { recursive: true })
  writeFileSync(source, '')
  for (const path of [source, join(folder, 'src', 'deep'), join(folder, 'src')]) utimesSync(path, 1_000, 1_000)
})

afterEach(() => rmSync(folder, { recursive: true }))

const isStaleNow = () => isStale(output, [join(folder, 'src'), join(folder, 'not-there')])

it('builds what is missing', () => expect(isStaleNow()).toBe(true))

it('does not build what is newer than its sources', () => {
  writeFileSync(output, '')
  expect(isStaleNow()).toBe(false)
})

it('builds again when a source changed, however deep', () => {
  writeFileSync(output, '')
  utimesSync(source, Date.now() / 1_000 + 60, Date.now() / 1_000 + 60)
  expect(isStaleNow()).toBe(true)
})

it('builds again when a source was removed', () => {
  writeFileSync(output, '')
  utimesSync(output, 2_000, 2_000)
  rmSync(source)
  expect(isStaleNow()).toBe(true)
})
