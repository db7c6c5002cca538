// Shows that nothing of a process is left after `stop()`, nor after the death of the one that started it.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startChild } from './child.mjs'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'telehub-child-'))
})

afterEach(() => rmSync(folder, { recursive: true }))

function start(script: string) {
  writeFileSync(join(folder, 'script.mjs'), script)
  return startChild({ name: 'part', args: ['script.mjs'], cwd: folder, env: {}, logFile: join(folder, 'part.log') })
}

const log = () => readFileSync(join(folder, 'part.log'), 'utf8')
const said = async (text: string) => vi.waitFor(() => expect(log()).toContain(text), 10_000)
const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

it('lets a process end in its own way', async () => {
  const part = start(`
    process.once('SIGTERM', () => { console.log('bye'); process.exit(0) })
    setInterval(() => {}, 1000)
    console.log('up')`)
  await said('up')
  await part.stop()
  expect(await part.exited).toBe(0)
  expect(log()).toBe('up\nbye\n')
})

it('tells how a process ended by itself', async () => {
  expect(await start('process.exit(3)').exited).toBe(3)
})

it('ends what the process started, too', async () => {
  const part = start(`
    import { spawn } from 'node:child_process'
    const inner = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'])
    console.log('inner ' + inner.pid)
    process.once('SIGTERM', () => process.exit(0))`)
  await said('inner ')
  const inner = Number(/inner (\d+)/.exec(log())?.[1])
  await part.stop()
  await vi.waitFor(() => expect(isAlive(inner)).toBe(false), 5_000)
})

it('ends a process whose starter was killed', async () => {
  const withParent = pathToFileURL(join(import.meta.dirname, 'with-parent.mjs')).href
  const child = pathToFileURL(join(import.meta.dirname, 'child.mjs')).href
  writeFileSync(join(folder, 'inner.mjs'), `console.log('inner ' + process.pid); setInterval(() => {}, 1000)`)
  writeFileSync(
    join(folder, 'starter.mjs'),
    `import { startChild } from '${child}'
     startChild({ name: 'part', args: ['--import=${withParent}', 'inner.mjs'], cwd: '.', env: {}, logFile: 'part.log' })`,
  )
  const starter = spawn(process.execPath, ['starter.mjs'], { cwd: folder })
  await vi.waitFor(() => expect(log()).toContain('inner '), 10_000)
  const inner = Number(/inner (\d+)/.exec(log())?.[1])
  expect(isAlive(inner)).toBe(true)
  starter.kill('SIGKILL')
  await once(starter, 'exit')
  await vi.waitFor(() => expect(isAlive(inner)).toBe(false), 5_000)
})
