// Every page in both themes, wide and narrow: nothing serious for axe to find, and a screenshot for people to judge.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, type TestHub } from '../../hub/test/running-hub.ts'
import { available } from '../../infra/services/available.ts'
import { type Pump, startPump } from './pump.ts'
import { keepScreenshot, openStage, type Stage } from './stage.ts'

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const looks = (['light', 'dark'] as const).flatMap((theme) => [1440, 390].map((width) => ({ theme, width })))

/** The name of the screenshot, where it is, and by what one sees that it is all there. */
const pages: { name: string; path: string; ready: (page: Page) => Promise<unknown> }[] = [
  { name: 'devices', path: '/devices', ready: (page) => page.getByRole('link', { name: /Thermostat 2/ }).waitFor() },
  {
    name: 'devices-no-match',
    path: '/devices?q=nothing',
    ready: (page) => page.getByText('No device matches').waitFor(),
  },
  {
    name: 'device-live',
    path: '/devices/pump-1?minutes=15',
    ready: (page) => page.locator('.u-over').nth(1).waitFor(),
  },
  {
    name: 'device-history',
    path: '/devices/pump-1?tab=history&range=15m',
    ready: (page) => page.locator('.u-over').nth(1).waitFor(),
  },
  {
    name: 'device-commands',
    path: '/devices/pump-1?tab=commands',
    ready: (page) => page.getByText('applied').first().waitFor(),
  },
  {
    name: 'device-about',
    path: '/devices/pump-1?tab=about',
    ready: (page) => page.getByText('Profile as sent').waitFor(),
  },
  { name: 'device-unknown', path: '/devices/nobody', ready: (page) => page.getByText('knows no device').waitFor() },
  { name: 'lost', path: '/nowhere', ready: (page) => page.getByText('no page at this address').waitFor() },
]

describe.skipIf(!available('chromium'))('every page', () => {
  let stage: Stage
  let pump: Pump
  let sim: ChildProcess
  /** One for each look, signed in. */
  let signedIn: Page[]

  beforeAll(async () => {
    stage = await openStage()
    signedIn = await Promise.all(looks.map((look) => stage.open({ ...look, path: `/${stage.link}` })))
    await inEachLook('devices-empty', signedIn, (page) => page.getByText('Listening').waitFor())
    sim = await startSimulator(stage.hub)
    pump = await startPump(stage.hub)
    await pump.reportThePast()
    const asked = stage.hub.console().command('pump-1', 'set_speed', { rpm: 1200 })
    await pump.obey()
    await asked
  }, 120_000)
  afterAll(async () => {
    sim?.kill()
    if (sim) await once(sim, 'exit')
    await stage?.close()
  })

  /** What axe finds, in all looks. */
  async function inEachLook(
    name: string,
    open: readonly Page[],
    ready: (page: Page) => Promise<unknown>,
    path?: string,
  ): Promise<string[]> {
    const found: string[] = []
    for (const [i, page] of open.entries()) {
      const look = `${looks[i]?.theme}-${looks[i]?.width}`
      if (path !== undefined) await page.goto(path)
      await ready(page)
      await keepScreenshot(page, `${name}-${look}`)
      found.push(...(await seriousFindings(page)).map((finding) => `${look}: ${finding}`))
      if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth))
        found.push(`${look}: scrolls sideways`)
    }
    return found
  }

  const strangers = (path: string, at?: string) => Promise.all(looks.map((look) => stage.open({ ...look, path }, at)))

  it.each(pages)('$name: fits its width, and axe finds nothing serious', async ({ name, path, ready }) => {
    await pump.report({ temperature: 22.4, rpm: 0, running: false, mode: 'idle' })
    expect(await inEachLook(name, signedIn, ready, path)).toEqual([])
  })

  it('connect: the same, before and after a refusal', async () => {
    const form = (page: Page) => page.getByRole('button', { name: 'Connect' }).waitFor()
    const refusal = (page: Page) => page.getByText('does not allow').first().waitFor()
    expect(await inEachLook('connect', await strangers('/connect'), form)).toEqual([])
    expect(await inEachLook('connect-refused', await strangers(`/${stage.link}`, stage.foreignUrl), refusal)).toEqual(
      [],
    )
  })

  it('the details of the connection and the question before a dangerous command: the same', async () => {
    const details = (page: Page) => page.getByRole('button', { name: /^Connection: Live/ }).click()
    const question = (page: Page) => page.getByRole('button', { name: /Reboot/ }).click()
    expect(await inEachLook('connection', signedIn, details, '/devices')).toEqual([])
    expect(await inEachLook('dangerous', signedIn, question, '/devices/pump-1')).toEqual([])
  })

  it('keeps to the content security policy', () => {
    expect(stage.complaints).toEqual([])
  })
})

/** Ids of rules with the elements that break them. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axeSource)
  const { violations } = (await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as AxeResults
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, any }) => `${html.slice(0, 120)} ${any[0]?.message ?? ''}`).join(' | ')}`,
    )
}

async function startSimulator(hub: TestHub): Promise<ChildProcess> {
  const cli = fileURLToPath(new URL('../../devices-sim/src/cli.ts', import.meta.url))
  const fleet = ['--profile', 'pump*2,thermostat*2,meter,freezer', '--seed', '7', '--every', '500ms', '--quiet']
  const child = spawn(process.execPath, ['--conditions=source', '--import=tsx', cli, '--url', hub.url, ...fleet], {
    env: { ...process.env, TELEHUB_KEY: hub.key('gateway') },
    stdio: 'ignore',
  })
  const console = hub.console()
  await eventually(async () => (await console.request<{ total: number }>('GET', '/devices')).total === 6, 30_000)
  return child
}
