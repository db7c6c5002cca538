// The program as people start it: a real process, its output, its exit code.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { startTestHub } from './links/testing.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

function sim(...args: string[]) {
  const { TELEHUB_KEY: _, ...env } = process.env
  const child: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions', 'source', 'devices-sim/src/cli.ts', ...args],
    { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let out = ''
  let err = ''
  child.stdout?.on('data', (chunk) => (out += chunk))
  child.stderr?.on('data', (chunk) => (err += chunk))
  const ended = once(child, 'close').then(([code]) => ({ code, out, err }))
  closers.push(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { ended, kill: (signal: NodeJS.Signals) => child.kill(signal) }
}

async function hub(manners = {}) {
  const started = await startTestHub(manners)
  closers.push(started.close)
  return started
}

describe('telehub-sim', () => {
  it('prints the readings of a dry run, the same each time', async () => {
    const args = ['--dry-run', '--devices', '4', '--seed', '42', '--duration', '30s']
    const [first, second] = await Promise.all([sim(...args).ended, sim(...args).ended])

    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out.split('\n').length).toBeGreaterThan(100)
    expect(second.out).toBe(first.out)
  })

  it('says what is wrong with its options and exits with 2', async () => {
    const { code, out, err } = await sim('--profile', 'pmup', '--key', 'k').ended

    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toBe('--profile does not know "pmup". Did you mean pump?\nSee telehub-sim --help.\n')
  })

  it('exits with 2 for a flag that does not exist, and with 0 for help', async () => {
    const [unknown, help] = await Promise.all([sim('--bogus').ended, sim('--help').ended])

    expect(unknown.code).toBe(2)
    expect(help).toMatchObject({ code: 0, out: expect.stringContaining('--dry-run') })
  })

  it('ends with its summary and 0 when its time is over', async () => {
    const { url, messages } = await hub()
    const { code, out } = await sim(
      '--url',
      url,
      '--key',
      'k',
      '--devices',
      '3',
      '--every',
      '50ms',
      '--duration',
      '1s',
      '--json',
    ).ended

    const summary = JSON.parse(out)
    expect(code).toBe(0)
    expect(summary).toMatchObject({
      ended: 'duration',
      seed: 1,
      readings: { pending: 0 },
      links: { opened: 3, lost: 0 },
    })
    expect(summary.readings.acknowledged).toBe(summary.readings.made)
    expect(messages.heard.filter(({ type }) => type === 'hello')).toHaveLength(3)
  })

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 0],
  ] as const)('says goodbye for all devices on %s and exits with %i', async (signal, code) => {
    const { url, messages, closings } = await hub()
    const run = sim('--url', url, '--key', 'k', '--devices', '2', '--every', '50ms')
    await messages.until(({ type }) => type === 'hello', { times: 2 })
    run.kill(signal)

    const { code: actual, out } = await run.ended
    expect(actual).toBe(code)
    expect(out).toMatch(/readings made/)
    expect(closings.heard.every((closing) => closing.code === 1000 && closing.reason === 'goodbye')).toBe(true)
  })

  it('exits with 4 and the words of the hub when it is refused', async () => {
    const body = {
      type: 'about:blank',
      title: 'No',
      status: 401,
      code: 'unauthenticated',
      detail: 'This key is not known.',
    }
    const { url } = await hub({ upgrade: { status: 401, body } })
    const { code, out } = await sim('--url', url, '--key', 'k', '--devices', '2').ended

    expect(code).toBe(4)
    expect(out).toContain('This key is not known.')
  })

  it('exits with 1 when no device ever reached the hub', async () => {
    const gone = await startTestHub()
    await gone.close()
    const { code, out } = await sim('--url', gone.url, '--key', 'k', '--duration', '2s').ended

    expect(code).toBe(1)
    expect(out).toContain('ECONNREFUSED')
  })
})
