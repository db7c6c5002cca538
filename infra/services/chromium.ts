// Starts a real headless Chromium for a test, with a profile of its own that is removed when it closes.

import { type Browser, chromium } from 'playwright-core'
import { programOf } from './available.ts'

/** Close it with `browser.close()`. Nothing but the pages under test makes it open a connection. */
export async function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: programOf('chromium'),
    // Chromium refuses to run as root inside its sandbox.
    chromiumSandbox: process.getuid?.() !== 0,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
