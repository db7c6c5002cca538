// Shows that a log file is kept across starts and never grows past its bound.

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openLogFile } from './log-file.mjs'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telehub-log-'))
  path = join(folder, 'data', 'hub.log')
})

afterEach(() => rmSync(folder, { recursive: true }))

function write(lines: string[], maxBytes?: number) {
  const log = openLogFile(path, maxBytes)
  for (const line of lines) log.write(line)
  log.close()
}

it('goes on where the last start ended', () => {
  write(['one'])
  write(['two'])
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n')
})

it('keeps the newest lines in two files of limited size', () => {
  write(
    Array.from({ length: 100 }, (_, line) => `line ${line}`),
    50,
  )
  expect(readdirSync(join(folder, 'data'))).toEqual(['hub.log', 'hub.log.1'])
  expect(statSync(path).size).toBeLessThan(60)
  expect(statSync(`${path}.1`).size).toBeLessThan(60)
  expect(readFileSync(path, 'utf8')).toContain('line 99')
})

it('is for its owner alone', () => {
  write(['one'])
  expect(statSync(path).mode & 0o077).toBe(0)
})
