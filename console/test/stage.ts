// The whole scene for stories: a real hub, the console on an origin of its own under its real policy, a real browser.

import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { startTestHub, type TestHub } from '../../hub/test/running-hub.ts'
import { serveConsole } from '../../infra/serve-console.mjs'
import { startChromium } from '../../infra/services/chromium.ts'
import { builtConsole } from './built.ts'

export interface PageOptions {
  theme?: 'light' | 'dark'
  width?: number
  /** Where to go; default: nowhere yet. */
  path?: string
}

export interface Stage {
  readonly hub: TestHub
  /** The allowed origin. */
  readonly consoleUrl: string
  /** The same console on an origin that the hub does not know. */
  readonly foreignUrl: string
  /** A page in a profile of its own, on the console's origin unless `at` says otherwise. */
  open(options?: PageOptions, at?: string): Promise<Page>
  /** The fragment that signs in. */
  readonly link: string
  /** Violations of the policy and errors no one caught, from all pages so far. */
  readonly complaints: string[]
  close(): Promise<void>
}

const screenshots = fileURLToPath(new URL('../../test-results/screenshots', import.meta.url))

export async function openStage(): Promise<Stage> {
  const folder = await builtConsole()
  const allowed = await serveConsole({ folder, port: 0 })
  const foreign = await serveConsole({ folder, port: 0 })
  const hub = await startTestHub({ ORIGINS: allowed.url })
  const browser = await startChromium()
  const complaints: string[] = []
  return {
    hub,
    consoleUrl: allowed.url,
    foreignUrl: foreign.url,
    link: `#hub=${hub.url}&key=${hub.key('admin')}`,
    complaints,
    open: (options = {}, at = allowed.url) => openPage(browser, at, options, complaints),
    async close() {
      await browser.close()
      await hub.stop()
      await Promise.all([allowed.stop(), foreign.stop()])
    },
  }
}

/** Kept in test-results/, for people to look at. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true, animations: 'disabled' })
}

async function openPage(
  browser: Browser,
  at: string,
  { theme = 'light', width = 1440, path }: PageOptions,
  complaints: string[],
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: at,
    colorScheme: theme,
    viewport: { width, height: width < 600 ? 844 : 900 },
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  page.on('pageerror', (error) => complaints.push(String(error.stack)))
  page.on('console', (message) => {
    if (/content security policy|trusted ?(types?|html|script)|\[Vue/i.test(message.text()))
      complaints.push(message.text())
  })
  if (path !== undefined) await page.goto(path)
  return page
}
